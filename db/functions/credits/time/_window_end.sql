create or replace function credits._window_end(p_window text, p_day date, p_time_zone text) returns timestamptz
language sql stable
as $$
    -- Where midnight comes twice, this is the second; the clock before it shows how long ago the first was.
    select second.at - greatest(
        (second.at - interval '1 microsecond') at time zone p_time_zone + interval '1 microsecond' - next.day,
        interval '0'
    )
    from (
        select case
            when p_window = 'daily' then p_day + interval '1 day'
            when p_window = 'weekly' then credits._week(p_day) + interval '1 week'
            else credits._month(p_day) + interval '1 month'
        end as day
    ) next
    cross join lateral (select next.day at time zone p_time_zone as at) second
$$;

comment on function credits._window_end is
'The end of the day (daily), ISO week (weekly) or month (monthly) of a local day in a zone. It is the first midnight
where that comes twice, the end of the gap where it is skipped';
