create or replace function credits._is_id(p_id text) returns boolean
language sql immutable parallel safe
as $$
    select char_length(p_id) <= 128 and p_id ~ E'^[^\\u0001-\\u001f\\u007f-\\u009f]+$'
$$;

comment on function credits._is_id is
    'Whether p_id can name a user, guild or app: 1 to 128 characters, no control characters; null gives null';
