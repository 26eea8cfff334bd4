create or replace function credits._spending_windows(p_organization_id text, p_user_id text, p_day date)
returns table (
    daily_limit numeric, monthly_limit numeric, spent_today numeric, spent_this_month numeric,
    day_resets_at timestamptz, month_resets_at timestamptz
)
language plpgsql stable
rows 1
as $$
declare
    v_overdue record;
begin
    select s.today, s.this_month into spent_today, spent_this_month
    from credits._member_spending(p_organization_id, p_user_id, p_day) s;
    -- Holds past their time no longer count, even where nobody has written that down yet.
    select
        coalesce(sum(r.amount) filter (where r.spending_day = p_day), 0) as today,
        coalesce(sum(r.amount), 0) as this_month
    into v_overdue
    from credits.reservations r
    where r.account_id = p_organization_id
        and r.kind = 'pool'
        and r.user_id = p_user_id
        and r.status = 'held'
        and r.expires_at <= credits._now()
        and credits._month(r.spending_day) = credits._month(p_day);
    spent_today := spent_today - v_overdue.today;
    spent_this_month := spent_this_month - v_overdue.this_month;
    select l.daily_limit, l.monthly_limit into daily_limit, monthly_limit
    from credits.guild_spending_limits l
    where l.organization_id = p_organization_id and l.user_id = p_user_id;
    select credits._window_end('daily', p_day, z.limits_time_zone), credits._window_end('monthly', p_day, z.limits_time_zone)
    into day_resets_at, month_resets_at
    from credits.settings z;
    return next;
end
$$;

comment on function credits._spending_windows(text, text, date) is
    'A member''s limits, and what was spent or is held of a pool in the day and month of p_day';
