create or replace function credits.get_spending(p_organization_id text, p_user_id text)
returns table (
    spent_today numeric, spent_this_month numeric, daily_limit numeric, monthly_limit numeric,
    daily_remaining numeric, monthly_remaining numeric, day_resets_at timestamptz, month_resets_at timestamptz,
    spent_this_week numeric, weekly_limit numeric, weekly_remaining numeric, week_resets_at timestamptz
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_day constant date := credits._limits_day();
    v_spent credits.spending := credits._member_spending(p_organization_id, p_user_id, v_day);
    v_limits record;
begin
    v_spent := credits._without_overdue(v_spent, p_organization_id, 'pool', p_user_id, '', v_day);
    select l.daily_limit, l.weekly_limit, l.monthly_limit into v_limits
    from credits._limits_of_member(p_organization_id, p_user_id, credits._now()) l;
    return query
    select
        v_spent.today, v_spent.this_month, v_limits.daily_limit, v_limits.monthly_limit,
        credits._left_of(v_limits.daily_limit, v_spent.today),
        credits._left_of(v_limits.monthly_limit, v_spent.this_month),
        credits._window_end('daily', v_day, s.limits_time_zone),
        credits._window_end('monthly', v_day, s.limits_time_zone),
        v_spent.this_week, v_limits.weekly_limit, credits._left_of(v_limits.weekly_limit, v_spent.this_week),
        credits._window_end('weekly', v_day, s.limits_time_zone)
    from credits.settings s;
end
$$;

comment on function credits.get_spending is
'What a member has spent of a pool today, in this ISO week and this month, the limits that hold for them (their own, or
the pool''s for all members), and what they leave; null where there is no limit. After a clock or a zone that went back,
what counts for a later day of the month is in the month already.
Errors: none.
Idempotency: reads only.
Locks: none.';
