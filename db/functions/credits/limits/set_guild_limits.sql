create or replace function credits.set_guild_limits(
    p_organization_id text,
    p_daily_limit numeric default null,
    p_weekly_limit numeric default null,
    p_monthly_limit numeric default null,
    p_set_daily boolean default null,
    p_set_weekly boolean default null,
    p_set_monthly boolean default null,
    p_caller text default null
) returns table (daily_limit numeric, weekly_limit numeric, monthly_limit numeric)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_changes jsonb;
begin
    perform credits._check_id('organizationId', p_organization_id);
    v_changes := credits._limit_changes(
        jsonb_build_object('daily', p_daily_limit, 'weekly', p_weekly_limit, 'monthly', p_monthly_limit),
        array[p_set_daily, p_set_weekly, p_set_monthly]
    );
    perform credits._lock_account(p_organization_id, 'pool');
    perform credits._check_cap('set_limits', null, 0, p_caller);
    perform credits._write_limits(p_organization_id, 'pool', '', v_changes);
    return query select * from credits.get_guild_limits(p_organization_id);
end
$$;

comment on function credits.set_guild_limits is
'Sets how much members without a limit of their own may use of a pool in a day, an ISO week and a month; 0 blocks. A
limit that is not given stays as it is. To remove one, give null and p_set_daily, p_set_weekly or p_set_monthly true;
with one of these false it stays whatever is given. They hold from the next debit on, and what members spent before
counts. What was set when is kept in credits.rule_history.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC016 cap_exceeded.
Idempotency: by nature.
Locks: the pool.';
