create or replace function credits._count_spending(
    p_organization_id text, p_user_id text, p_day date, p_amount numeric, p_limited boolean
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_amount < 0 then
        -- A refund: there is a count to take it from, or nothing that was counted.
        update credits.guild_member_spending s
        set spent = s.spent + p_amount
        where s.organization_id = p_organization_id and s.user_id = p_user_id and s.day = p_day;
        return;
    end if;
    insert into credits.guild_member_spending as s (organization_id, user_id, day, spent)
    values (p_organization_id, p_user_id, p_day, p_amount)
    on conflict (organization_id, user_id, day) do update set spent = s.spent + excluded.spent;
    -- What was reserved was counted, and allowed, then. Holds past their time are counted here; _check_limits looks closer.
    if p_limited and exists (
        select
        from credits.guild_spending_limits l
        cross join lateral credits._member_spending(p_organization_id, p_user_id, p_day) used
        where l.organization_id = p_organization_id
            and l.user_id = p_user_id
            and (l.daily_limit < used.today or l.monthly_limit < used.this_month)
    ) then
        perform credits._check_limits(p_organization_id, p_user_id, p_day, p_amount);
    end if;
end
$$;

comment on function credits._count_spending(text, text, date, numeric, boolean) is
    'Counts what a member has used of a pool (or given back: negative) on a local day and, if p_limited, raises UC003 beyond a limit. '
    'The caller holds the lock of the pool';
