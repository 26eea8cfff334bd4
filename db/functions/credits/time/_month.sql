create or replace function credits._month(p_day date) returns date
language sql immutable parallel safe
as $$
    select p_day - extract(day from p_day)::integer + 1
$$;

comment on function credits._month is 'The first day of a day''s month';
