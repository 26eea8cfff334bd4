create or replace function credits.set_spending_limits(
    p_organization_id text,
    p_user_id text,
    p_daily_limit numeric default null,
    p_monthly_limit numeric default null,
    p_set_daily boolean default null,
    p_set_monthly boolean default null,
    p_caller text default null
) returns table (daily_limit numeric, monthly_limit numeric)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_set_daily boolean := coalesce(p_set_daily, p_daily_limit is not null);
    v_set_monthly boolean := coalesce(p_set_monthly, p_monthly_limit is not null);
    v_now constant timestamptz := credits._now();
begin
    perform credits._check_id('organizationId', p_organization_id);
    perform credits._check_id('userId', p_user_id);
    if v_set_daily and p_daily_limit is not null and p_daily_limit <> 0 and not credits._is_amount(p_daily_limit) then
        perform credits._refuse_invalid('dailyLimit', 'must be null, or from 0 to 999999999.999999 with at most 6 decimals');
    end if;
    if v_set_monthly and p_monthly_limit is not null and p_monthly_limit <> 0 and not credits._is_amount(p_monthly_limit) then
        perform credits._refuse_invalid('monthlyLimit', 'must be null, or from 0 to 999999999.999999 with at most 6 decimals');
    end if;
    perform credits._check_cap('set_limits', null, 0, p_caller);
    return query
    insert into credits.guild_spending_limits as l (organization_id, user_id, daily_limit, monthly_limit)
    values (
        p_organization_id, p_user_id,
        case when v_set_daily then p_daily_limit end, case when v_set_monthly then p_monthly_limit end
    )
    on conflict (organization_id, user_id) do update
        set
            daily_limit = case when v_set_daily then p_daily_limit else l.daily_limit end,
            monthly_limit = case when v_set_monthly then p_monthly_limit else l.monthly_limit end,
            updated_at = greatest(l.updated_at, v_now)
    returning l.daily_limit, l.monthly_limit;
end
$$;

comment on function credits.set_spending_limits(text, text, numeric, numeric, boolean, boolean, text) is
'Sets how much a member may use of a pool in a day and a month; 0 blocks. A limit that is not given stays as it is; to remove one, give null and p_set_daily or p_set_monthly true.
With p_set_daily or p_set_monthly false that limit stays whatever is given. What was set when is kept in credits.rule_history.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature.
Locks: the member''s limits.';
