create or replace function credits.set_spending_limits(
    p_organization_id text,
    p_user_id text,
    p_daily_limit numeric default null,
    p_monthly_limit numeric default null,
    p_set_daily boolean default null,
    p_set_monthly boolean default null,
    p_weekly_limit numeric default null,
    p_set_weekly boolean default null,
    p_unlimited boolean default null,
    p_until timestamptz default null,
    p_set_until boolean default null,
    p_caller text default null
) returns table (daily_limit numeric, monthly_limit numeric, weekly_limit numeric, unlimited boolean, until timestamptz)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
    v_changes jsonb;
    v_before credits.guild_spending_limits;
    v_after credits.guild_spending_limits;
    v_known boolean;
begin
    perform credits._check_id('organizationId', p_organization_id);
    perform credits._check_id('userId', p_user_id);
    v_changes := credits._limit_changes(
        jsonb_build_object('daily', p_daily_limit, 'weekly', p_weekly_limit, 'monthly', p_monthly_limit),
        array[p_set_daily, p_set_weekly, p_set_monthly]
    );
    if coalesce(p_set_until, true) then
        perform credits._check_end('until', p_until);
    end if;
    perform credits._check_cap('set_limits', null, 0, p_caller);
    -- Whoever has a snapshot from before gets 40001 for this row, and not the limits of then.
    update credits.accounts a set limited = a.limited where a.account_id = p_organization_id and a.kind = 'pool';
    -- More than once only if somebody else sets the first ones at the same time.
    loop
        select * into v_before
        from credits.guild_spending_limits l
        where l.organization_id = p_organization_id and l.user_id = p_user_id
        for no key update;
        v_known := found;
        if not v_known and credits._is_blocked_again(p_organization_id, p_user_id) then
            v_before.daily_limit := 0;
        end if;
        v_before := credits._limits_then(v_before, v_now);
        v_after := jsonb_populate_record(v_before, v_changes);
        v_after.unlimited := coalesce(p_unlimited, v_before.unlimited, false);
        v_after.until := case when coalesce(p_set_until, p_until is not null) then p_until else v_before.until end;
        -- Of limits without an end nothing comes after.
        v_before := case when v_after.until is not null then v_before end;
        if v_before.until is null then
            v_after.later_daily_limit := v_before.daily_limit;
            v_after.later_weekly_limit := v_before.weekly_limit;
            v_after.later_monthly_limit := v_before.monthly_limit;
            v_after.later_unlimited := coalesce(v_before.unlimited, false);
        end if;
        insert into credits.guild_spending_limits as l (
            organization_id, user_id, daily_limit, weekly_limit, monthly_limit, unlimited, until,
            later_daily_limit, later_weekly_limit, later_monthly_limit, later_unlimited
        )
        values (
            p_organization_id, p_user_id, v_after.daily_limit, v_after.weekly_limit, v_after.monthly_limit,
            v_after.unlimited, v_after.until, v_after.later_daily_limit, v_after.later_weekly_limit,
            v_after.later_monthly_limit, v_after.later_unlimited
        )
        on conflict (organization_id, user_id) do update
            set
                daily_limit = excluded.daily_limit, weekly_limit = excluded.weekly_limit,
                monthly_limit = excluded.monthly_limit, unlimited = excluded.unlimited, until = excluded.until,
                later_daily_limit = excluded.later_daily_limit, later_weekly_limit = excluded.later_weekly_limit,
                later_monthly_limit = excluded.later_monthly_limit, later_unlimited = excluded.later_unlimited,
                updated_at = greatest(l.updated_at, v_now)
            where v_known;
        exit when found;
    end loop;
    return query select * from credits.get_spending_limits(p_organization_id, p_user_id);
end
$$;

comment on function credits.set_spending_limits is
'Sets how much a member may use of a pool in a day, an ISO week and a month. It takes the place of the pool''s limits
for all members; 0 blocks, p_unlimited lets no limit hold. With p_until they end by themselves, and those that held
before hold again. What is not given stays as it is. To remove a limit or the end, give null and p_set_daily,
p_set_weekly, p_set_monthly or p_set_until true; with one of these false it stays whatever is given. What was set when
is kept in credits.rule_history.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature.
Locks: the pool, where there is one, then the member''s limits.';
