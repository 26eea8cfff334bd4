create or replace function credits._write_limits(
    p_account_id text, p_kind credits.account_kind, p_app_id text, p_daily numeric, p_weekly numeric, p_monthly numeric
) returns void
language plpgsql
as $$
declare
    v_now constant timestamptz := credits._now();
begin
    if p_daily is null and p_weekly is null and p_monthly is null then
        delete from credits.spending_limits l
        where l.account_id = p_account_id and l.kind = p_kind and l.app_id = p_app_id;
    else
        insert into credits.spending_limits as l (account_id, kind, app_id, daily_limit, weekly_limit, monthly_limit)
        values (p_account_id, p_kind, p_app_id, p_daily, p_weekly, p_monthly)
        on conflict (account_id, kind, app_id) do update
            set
                daily_limit = excluded.daily_limit,
                weekly_limit = excluded.weekly_limit,
                monthly_limit = excluded.monthly_limit,
                updated_at = greatest(l.updated_at, v_now);
    end if;
    -- In any case: whoever has a snapshot from before gets 40001 for this row, and not the limits of then.
    update credits.accounts a
    set limited = exists (select from credits.spending_limits l where l.account_id = p_account_id and l.kind = p_kind)
    where a.account_id = p_account_id and a.kind = p_kind;
end
$$;

comment on function credits._write_limits is
'Writes the limits of a person, in one app or in all (empty), or those of a pool for its members. A row without any
leaves. Marks the account, which the caller has locked';
