create or replace function credits.get_spending(p_organization_id text, p_user_id text)
returns table (
    spent_today numeric, spent_this_month numeric, daily_limit numeric, monthly_limit numeric,
    daily_remaining numeric, monthly_remaining numeric, day_resets_at timestamptz, month_resets_at timestamptz
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        w.spent_today,
        w.spent_this_month,
        w.daily_limit,
        w.monthly_limit,
        case when w.daily_limit is not null then greatest(w.daily_limit - w.spent_today, 0) end,
        case when w.monthly_limit is not null then greatest(w.monthly_limit - w.spent_this_month, 0) end,
        w.day_resets_at,
        w.month_resets_at
    from credits._spending_windows(p_organization_id, p_user_id, credits._limits_day()) w;
end
$$;

comment on function credits.get_spending(text, text) is
'What a member has spent of a pool today and this month, the limits, and what they leave; null where there is no limit. After a clock or a zone that went back, what counts for a later day of the month is in the month already.
Errors: none.
Idempotency: reads only.
Locks: none.';
