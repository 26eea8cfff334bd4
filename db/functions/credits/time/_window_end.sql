create or replace function credits._window_end(p_window text, p_day date, p_time_zone text) returns timestamptz
language sql stable
as $$
    select credits._day_start(
        case p_window when 'daily' then p_day + 1 else (credits._month(p_day)::timestamp + interval '1 month')::date end, p_time_zone
    )
$$;

comment on function credits._window_end(text, date, text) is 'When the day (daily) or month (monthly) of a local day is over in a zone';
