create or replace function credits._week(p_day date) returns date
language sql immutable parallel safe
as $$
    select p_day - (p_day - date '0001-01-01') % 7
$$;

comment on function credits._week is 'The Monday of a day''s ISO week. The first day of the year 1 was one';
