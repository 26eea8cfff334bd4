create or replace function credits._id_at(p_at timestamptz) returns uuid
language sql volatile parallel safe
as $$
    select (left(credits._id_floor(p_at)::text, 13) || right(credits._new_id()::text, 23))::uuid
$$;

comment on function credits._id_at is
    'An id for what came to be at an earlier moment; it sorts by the millisecond of that';
