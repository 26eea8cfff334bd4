create or replace function credits.get_guild_limits(p_organization_id text)
returns table (daily_limit numeric, weekly_limit numeric, monthly_limit numeric)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from credits.accounts a where a.account_id = p_organization_id and a.kind = 'pool') then
        perform credits._refuse_unknown_pool(p_organization_id);
    end if;
    select l.daily_limit, l.weekly_limit, l.monthly_limit into daily_limit, weekly_limit, monthly_limit
    from credits.spending_limits l
    where l.account_id = p_organization_id and l.kind = 'pool' and l.app_id = '';
    return next;
end
$$;

comment on function credits.get_guild_limits is
'The limits of a pool for all members that have none of their own; null means none.
Errors: UC005 guild_pool_not_found.
Idempotency: reads only.
Locks: none.';
