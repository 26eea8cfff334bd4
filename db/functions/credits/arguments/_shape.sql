create or replace function credits._shape(p_array anyarray) returns text
language sql immutable parallel safe
as $$
    select case when p_array is not null then coalesce(array_dims(p_array), '') end
$$;

comment on function credits._shape is 'The bounds of an array, such as [1:3]; empty for an empty one, null for null';
