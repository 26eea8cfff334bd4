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
    v_before credits.spending_limits;
begin
    perform credits._check_id('organizationId', p_organization_id);
    perform credits._check_limit_of('dailyLimit', p_daily_limit);
    perform credits._check_limit_of('weeklyLimit', p_weekly_limit);
    perform credits._check_limit_of('monthlyLimit', p_monthly_limit);
    perform credits._lock_account(p_organization_id, 'pool');
    perform credits._check_cap('set_limits', null, 0, p_caller);
    select * into v_before
    from credits.spending_limits l
    where l.account_id = p_organization_id and l.kind = 'pool' and l.app_id = '';
    perform credits._write_limits(
        p_organization_id, 'pool', '',
        case when coalesce(p_set_daily, p_daily_limit is not null) then p_daily_limit else v_before.daily_limit end,
        case when coalesce(p_set_weekly, p_weekly_limit is not null) then p_weekly_limit else v_before.weekly_limit end,
        case when coalesce(p_set_monthly, p_monthly_limit is not null) then p_monthly_limit else v_before.monthly_limit end
    );
    return query select g.daily_limit, g.weekly_limit, g.monthly_limit from credits.get_guild_limits(p_organization_id) g;
end
$$;

comment on function credits.set_guild_limits is
'Sets how much members without a limit of their own may use of a pool in a day, an ISO week and a month; 0 blocks. A
limit that is not given stays as it is; to remove one, give null and p_set_daily, p_set_weekly or p_set_monthly true. It
holds from the next debit on, and what members have spent before counts. What was set when is kept in
credits.rule_history.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC016 cap_exceeded.
Idempotency: by nature.
Locks: the pool.';
