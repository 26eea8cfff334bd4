create or replace function credits._has_short_numbers(p_metadata jsonb) returns boolean
language sql immutable parallel safe
as $$
    select coalesce(bool_and(abs(n::numeric) < 1e308 and scale(n::numeric) <= 400), true)
    from jsonb_path_query(p_metadata, 'strict $.** ? (@.type() == "number")') n
$$;

comment on function credits._has_short_numbers is
'True if a double holds every number in it, and none is a much longer text than it need be: below 1e308, with at most
400 decimals';
