create or replace function credits._address_hash(p_address text, p_key bytea) returns bytea
language sql stable parallel safe
as $$
    select credits._keyed_hash(credits._fold_address(p_address), p_key)
$$;

comment on function credits._address_hash is 'What is kept of an address: its hash, with its ASCII letters small';
