create or replace function credits._refuse_over_limit(p_exceeded credits.exceeded, p_requested numeric)
returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_resets_at constant timestamptz := credits._window_end(
        p_exceeded.window_name, p_exceeded.day, (select s.limits_time_zone from credits.settings s)
    );
begin
    raise exception using
        errcode = 'UC003',
        message = format('The %s spending limit would be exceeded', p_exceeded.window_name),
        detail = json_build_object(
            'scope', p_exceeded.scope,
            'window', p_exceeded.window_name,
            'limit', trim_scale(p_exceeded.window_limit),
            'spent', trim_scale(p_exceeded.window_spent),
            'requested', trim_scale(p_requested),
            'resetsAt', to_char(v_resets_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        )::text,
        hint = 'Wait until resetsAt, ask for less, or have the limit raised';
end
$$;

comment on function credits._refuse_over_limit is 'Raises UC003 spending_limit_exceeded';
