create or replace function credits._is_present_id(p_id uuid, p_at timestamptz) returns boolean
language sql immutable parallel safe
as $$
    select substr(p_id::text, 15, 1) = '7' and p_id < credits._id_floor(p_at + interval '1 minute')
$$;

comment on function credits._is_present_id(uuid, timestamptz) is
    'Whether p_id is a time-ordered id (version 7) that was not made later than p_at: one from the future would hold up all that follow';
