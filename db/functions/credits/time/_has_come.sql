create or replace function credits._has_come(p_moment timestamptz, p_now timestamptz, p_longest interval)
returns boolean
language sql immutable parallel safe
as $$
    select p_moment <= p_now or p_moment - p_now > p_longest
$$;

comment on function credits._has_come is
'Whether a moment has come that lies at most p_longest ahead when it is noted. One further ahead was noted while the
clock was ahead, and is not waited for';
