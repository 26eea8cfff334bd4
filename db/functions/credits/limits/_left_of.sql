create or replace function credits._left_of(p_limit numeric, p_spent numeric) returns numeric
language sql immutable parallel safe
as $$
    select case when p_limit is not null then greatest(p_limit - p_spent, 0) end
$$;

comment on function credits._left_of is 'The rest of a limit; null where there is none';
