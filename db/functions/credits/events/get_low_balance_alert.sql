create or replace function credits.get_low_balance_alert(
    p_user_id text default null, p_organization_id text default null
) returns table (low_balance_at numeric, is_low boolean)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account_id constant text := coalesce(p_user_id, p_organization_id);
    v_kind constant credits.account_kind := case when p_user_id is null then 'pool' else 'person' end;
    v_alert numeric;
    v_last credits.entries;
begin
    perform credits._refuse_invalid('userId', 'must be given, or organizationId in its place')
    where (p_user_id is null) = (p_organization_id is null);
    select a.low_balance_at into v_alert from credits.accounts a where a.account_id = v_account_id and a.kind = v_kind;
    if not found and v_kind = 'pool' then
        perform credits._refuse_unknown_pool(p_organization_id);
    end if;
    v_last := credits._last_entry(v_account_id, v_kind);
    low_balance_at := trim_scale(v_alert);
    is_low := coalesce(coalesce(v_last.available + v_last.reserved - v_last.debt, 0) <= v_alert, false);
    return next;
end
$$;

comment on function credits.get_low_balance_alert(text, text) is
'At what balance of a user, or of a guild''s pool, the event balance.low is written, and whether it is that low; null is
never.
Errors: UC001 invalid_request, UC005 guild_pool_not_found.
Idempotency: reads only.
Locks: none.';
