create or replace function credits.get_spending(p_organization_id text, p_user_id text)
returns table (
    spent_today numeric, spent_this_month numeric, daily_limit numeric, monthly_limit numeric,
    daily_remaining numeric, monthly_remaining numeric, day_resets_at timestamptz, month_resets_at timestamptz
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_day constant date := credits._limits_day();
    v_overdue record;
begin
    select s.today, s.this_month into spent_today, spent_this_month
    from credits._member_spending(p_organization_id, p_user_id, v_day) s;
    -- Holds past their time no longer count, even where nobody has written that down yet.
    select
        coalesce(sum(r.amount) filter (where r.spending_day = v_day), 0) as today,
        coalesce(sum(r.amount), 0) as this_month
    into v_overdue
    from credits.reservations r
    where r.account_id = p_organization_id
        and r.kind = 'pool'
        and r.user_id = p_user_id
        and r.status = 'held'
        and r.expires_at <= credits._now()
        and credits._month(r.spending_day) = credits._month(v_day);
    spent_today := spent_today - v_overdue.today;
    spent_this_month := spent_this_month - v_overdue.this_month;
    select l.daily_limit, l.monthly_limit into daily_limit, monthly_limit
    from credits.guild_spending_limits l
    where l.organization_id = p_organization_id and l.user_id = p_user_id;
    daily_remaining := case when daily_limit is not null then greatest(daily_limit - spent_today, 0) end;
    monthly_remaining := case when monthly_limit is not null then greatest(monthly_limit - spent_this_month, 0) end;
    select credits._window_end('daily', v_day, z.limits_time_zone), credits._window_end('monthly', v_day, z.limits_time_zone)
    into day_resets_at, month_resets_at
    from credits.settings z;
    return next;
end
$$;

comment on function credits.get_spending(text, text) is
'What a member has spent of a pool today and this month, the limits, and what they leave; null where there is no limit. After a clock or a zone that went back, what counts for a later day of the month is in the month already.
Errors: none.
Idempotency: reads only.
Locks: none.';
