create or replace function credits._as_id(p_text text) returns uuid
language sql immutable parallel safe
as $$
    select case when p_text ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_text::uuid end
$$;

comment on function credits._as_id is 'A reference as an id; null for one that is none';
