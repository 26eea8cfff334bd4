create or replace function credits._refuse_over_limit(
    p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamptz
) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC003',
        message = format('The %s spending limit of this member would be exceeded', p_window),
        detail = json_build_object(
            'window', p_window,
            'limit', trim_scale(p_limit),
            'spent', trim_scale(p_spent),
            'requested', trim_scale(p_requested),
            'resetsAt', to_char(p_resets_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        )::text,
        hint = 'Wait until resetsAt, ask for less, or have the limit raised';
end
$$;

comment on function credits._refuse_over_limit(text, numeric, numeric, numeric, timestamptz) is
    'Raises UC003 spending_limit_exceeded';
