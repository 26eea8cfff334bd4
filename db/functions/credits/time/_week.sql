create or replace function credits._week(p_day date) returns date
language sql immutable parallel safe
as $$
    select p_day - extract(isodow from p_day)::integer + 1
$$;

comment on function credits._week is 'The Monday of a day''s ISO week';
