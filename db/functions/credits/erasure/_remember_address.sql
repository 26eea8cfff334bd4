create or replace function credits._remember_address(p_user_id text, p_address text) returns void
language plpgsql
as $$
begin
    insert into credits.known_addresses (user_id, address_hash)
    select p_user_id, credits._address_hash(p_address, k.key)
    from credits.address_key k
    where credits._is_email(p_address) and not credits._is_pseudonym(p_user_id)
    on conflict do nothing;
end
$$;

comment on function credits._remember_address is
'Keeps the hash of an address by which a person was met, for their erasure; what is no address is left out. Waits for an
erasure that forgets it';
