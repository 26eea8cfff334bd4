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
declare
    v_zone constant text := (select s.limits_time_zone from credits.settings s);
    v_day constant date := credits._limits_day();
    v_apps constant text[] := array(
        select '' union select s.app_id from credits.spending_limits s where s.account_id = p_user_id and s.kind = 'person'
    );
    v_limits record;
    v_spent credits.spending;
    v_counted_zone text;
    v_counted jsonb;
begin
    perform credits._check_id('userId', p_user_id);
    day_resets_at := credits._window_end('daily', v_day, v_zone);
    week_resets_at := credits._window_end('weekly', v_day, v_zone);
    month_resets_at := credits._window_end('monthly', v_day, v_zone);
    for v_limits in
        select a.app, l.*
        from unnest(v_apps) as a (app)
        left join credits.spending_limits l on l.account_id = p_user_id and l.kind = 'person' and l.app_id = a.app
        order by a.app
    loop
        if v_limits.running_day <= v_day then
            select * into v_spent from credits._roll_on(
                row(v_limits.running_day, v_limits.spent_that_day, v_limits.spent_that_week, v_limits.spent_that_month)::credits.spending,
                v_day, v_day, 0
            );
        else
            -- Not counted yet, or the clock or the zone was ahead for a while. One pass of the ledger does for all apps.
            if v_counted_zone is distinct from coalesce(v_limits.time_zone, v_zone) then
                v_counted_zone := coalesce(v_limits.time_zone, v_zone);
                select jsonb_agg(s) into v_counted
                from credits._spending_by_app(p_user_id, v_day, v_counted_zone) s
                where s.app_id = any (v_apps);
            end if;
            select v_day, coalesce(sum(s.today), 0), coalesce(sum(s.this_week), 0), coalesce(sum(s.this_month), 0)
            into v_spent
            from jsonb_to_recordset(v_counted) as s (app_id text, today numeric, this_week numeric, this_month numeric)
            where s.app_id = v_limits.app;
        end if;
        v_spent := credits._without_overdue(v_spent, p_user_id, 'person', p_user_id, v_limits.app, v_day);
        return query select
            nullif(v_limits.app, ''), v_limits.daily_limit, v_limits.weekly_limit, v_limits.monthly_limit,
            v_spent.today, v_spent.this_week, v_spent.this_month,
            credits._left_of(v_limits.daily_limit, v_spent.today),
            credits._left_of(v_limits.weekly_limit, v_spent.this_week),
            credits._left_of(v_limits.monthly_limit, v_spent.this_month), day_resets_at, week_resets_at, month_resets_at;
    end loop;
end
$$;

comment on function credits.get_limits is
'Lists a person''s own limits: first those of all apps together (app_id null; no limits if there are none), then those
of single apps. Each has what they have used or hold in the day, the ISO week and the month, the rest, and the next
windows'' beginnings.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
