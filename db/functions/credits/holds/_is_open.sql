create or replace function credits._is_open(p_held credits.reservations) returns boolean
language sql immutable
as $$
    select p_held.status = 'held' or (p_held.status = 'expired' and not credits._is_pseudonym(p_held.user_id))
$$;

comment on function credits._is_open(credits.reservations) is
    'Whether a hold can still be captured and committed. One past its time can be, until its person is erased';
