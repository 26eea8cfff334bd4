create or replace function credits._day_start(p_day date, p_time_zone text) returns timestamptz
language sql immutable
as $$
    -- Where midnight comes twice, this is the second; the clock before it shows how long ago the first was.
    select second.at - greatest(
        (second.at - interval '1 microsecond') at time zone p_time_zone + interval '1 microsecond' - p_day::timestamp,
        interval '0'
    )
    from (select p_day::timestamp at time zone p_time_zone as at) second
$$;

comment on function credits._day_start(date, text) is
    'The moment from which on it is a day in a zone: the first midnight where it comes twice, the end of the gap where it is skipped';
