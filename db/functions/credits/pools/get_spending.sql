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
    v_overdue credits.spending;
begin
    select s.today, s.this_week, s.this_month into spent_today, spent_this_week, spent_this_month
    from credits._member_spending(p_organization_id, p_user_id, v_day) s;
    v_overdue := credits._overdue_holds(p_organization_id, 'pool', p_user_id, '', v_day);
    spent_today := spent_today - v_overdue.today;
    spent_this_week := spent_this_week - v_overdue.this_week;
    spent_this_month := spent_this_month - v_overdue.this_month;
    select l.daily_limit, l.weekly_limit, l.monthly_limit into daily_limit, weekly_limit, monthly_limit
    from credits._limits_of_member(p_organization_id, p_user_id, credits._now()) l;
    daily_remaining := credits._left_of(daily_limit, spent_today);
    weekly_remaining := credits._left_of(weekly_limit, spent_this_week);
    monthly_remaining := credits._left_of(monthly_limit, spent_this_month);
    select
        credits._window_end('daily', v_day, z.limits_time_zone), credits._window_end('weekly', v_day, z.limits_time_zone),
        credits._window_end('monthly', v_day, z.limits_time_zone)
    into day_resets_at, week_resets_at, month_resets_at
    from credits.settings z;
    return next;
end
$$;

comment on function credits.get_spending is
'What a member has spent of a pool today, in this ISO week and this month, the limits that hold for them (their own, or the pool''s for all members), and what they leave; null where there is no limit. After a clock or a zone that went back, what counts for a later day of the month is in the month already.
Errors: none.
Idempotency: reads only.
Locks: none.';
