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
        credits._left_of(w.most[1], w.spent[1]), credits._left_of(w.most[2], w.spent[2]),
        credits._left_of(w.most[3], w.spent[3]), w.resets_at[1], w.resets_at[2], w.resets_at[3]
    from credits._windows_of(p_user_id, 'person', p_user_id) w;
end
$$;

comment on function credits.get_limits is
'Lists a person''s own limits. The first row is of all apps together (app_id is null), even where there are no limits;
the others are of single apps. Each has what was used or is held in the day, the ISO week and the month, what is left,
and when the next windows begin.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
