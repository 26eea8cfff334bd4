create or replace function credits._address_hash(p_address text, p_key bytea) returns bytea
language sql stable parallel safe
as $$
    select sha256(p_key || sha256(p_key || convert_to(credits._fold_address(p_address), 'UTF8')))
$$;

comment on function credits._address_hash(text, bytea) is
    'What is kept of an address where nothing needs the address itself. Without the key (credits.address_key) nobody can try addresses until one fits';
