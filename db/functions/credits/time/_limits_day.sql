create or replace function credits._limits_day() returns date
language sql stable
as $$
    select (credits._now() at time zone s.limits_time_zone)::date from credits.settings s
$$;

comment on function credits._limits_day() is 'Today in the zone in which spending limits are cut';
