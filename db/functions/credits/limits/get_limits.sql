create or replace function credits.get_limits(p_user_id text)
returns table (
    app_id text, daily_limit numeric, weekly_limit numeric, monthly_limit numeric,
    spent_today numeric, spent_this_week numeric, spent_this_month numeric,
    daily_remaining numeric, weekly_remaining numeric, monthly_remaining numeric,
    day_resets_at timestamptz, week_resets_at timestamptz, month_resets_at timestamptz
)
language plpgsql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
    perform credits._check_id('userId', p_user_id);
    return query
    select
        w.app_id, w.most[1], w.most[2], w.most[3], w.spent[1], w.spent[2], w.spent[3],
        w.remaining[1], w.remaining[2], w.remaining[3], w.resets_at[1], w.resets_at[2], w.resets_at[3]
    from credits._windows_of(p_user_id, 'person', p_user_id) w;
end
$$;

comment on function credits.get_limits is
'Lists a person''s own limits: first those of all apps together (app_id null; no limits if there are none), then those
of single apps. Each has what they have used or hold in the day, the ISO week and the month, the rest, and the next
windows'' beginnings.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
