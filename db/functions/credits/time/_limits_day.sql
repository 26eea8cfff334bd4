create or replace function credits._limits_day(p_at timestamptz default null) returns date
language sql stable
as $$
    select (coalesce(p_at, credits._now()) at time zone s.limits_time_zone)::date from credits.settings s
$$;

comment on function credits._limits_day is
    'The day of a moment, or today, in the zone in which spending limits are cut';
