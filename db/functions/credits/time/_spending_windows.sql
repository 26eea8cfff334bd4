create or replace function credits._spending_windows(p_organization_id text, p_user_id text, p_day date)
returns table (
    daily_limit numeric, monthly_limit numeric, spent_today numeric, spent_this_month numeric,
    day_resets_at timestamptz, month_resets_at timestamptz
)
language sql stable
rows 1
as $$
    select
        l.daily_limit,
        l.monthly_limit,
        coalesce(s.today, 0),
        coalesce(s.this_month, 0),
        credits._day_start(p_day + 1, z.limits_time_zone),
        credits._day_start((date_trunc('month', p_day::timestamp) + interval '1 month')::date, z.limits_time_zone)
    from credits.settings z
    left join credits.guild_spending_limits l on l.organization_id = p_organization_id and l.user_id = p_user_id
    cross join lateral (
        select
            sum(m.spent + m.reserved - o.overdue) filter (where m.day = p_day) as today,
            sum(m.spent + m.reserved - o.overdue) as this_month
        from credits.guild_member_spending m
        cross join lateral (
            -- Holds past their time no longer count, even where nobody has written that down yet.
            select coalesce(sum(r.amount), 0) as overdue
            from credits.reservations r
            where m.reserved > 0
                and r.account_id = m.organization_id
                and r.status = 'held'
                and r.expires_at <= credits._now()
                and r.organization_id is not null
                and r.user_id = m.user_id
                and r.spending_day = m.day
        ) o
        where m.organization_id = p_organization_id
            and m.user_id = p_user_id
            and m.day >= date_trunc('month', p_day::timestamp)::date
            and m.day <= p_day
    ) s
$$;

comment on function credits._spending_windows(text, text, date) is
    'A member''s limits and what was spent or is held of a pool in the day and month of p_day; reads at most 31 counters';
