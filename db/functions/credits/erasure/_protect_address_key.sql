create or replace function credits._protect_address_key() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC017',
        message = 'The key of the addresses stays as it is',
        hint = 'With another one no erasure would find the gifts for the people who were met before';
end
$$;

comment on function credits._protect_address_key() is
    'Trigger: refuses to change or delete the key that addresses are hashed with (UC017): whatever was hashed before would be found no more';
