create or replace function credits._is_open(p_held credits.reservations) returns boolean
language plpgsql
as $$
begin
    return p_held.status = 'held' or (p_held.status = 'expired' and not credits._is_pseudonym(p_held.user_id));
end
$$;

comment on function credits._is_open(credits.reservations) is
    'Whether a hold can still be captured and committed: of one past its time that is so until its person is erased';
