create or replace function credits._refuse_over_limit(p_running credits.running_figures, p_requested numeric)
returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC003',
        message = format('The %s spending limit of this member would be exceeded', p_running.window_exceeded),
        detail = json_build_object(
            'window', p_running.window_exceeded,
            'limit', trim_scale(p_running.window_limit),
            'spent', trim_scale(p_running.window_spent),
            'requested', trim_scale(p_requested),
            'resetsAt', to_char(
                credits._window_end(p_running.window_exceeded, p_running.spending_day, (select s.limits_time_zone from credits.settings s)) at time zone 'UTC',
                'YYYY-MM-DD"T"HH24:MI:SS"Z"'
            )
        )::text,
        hint = 'Wait until resetsAt, ask for less, or have the limit raised';
end
$$;

comment on function credits._refuse_over_limit(credits.running_figures, numeric) is 'Raises UC003 spending_limit_exceeded';
