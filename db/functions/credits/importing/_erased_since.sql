create or replace function credits._erased_since(p_user_id text) returns boolean
language plpgsql stable
as $$
declare
    v_key constant bytea := (select k.key from credits.address_key k);
begin
    return exists (select from credits.erased_after_import e where e.user_hash = credits._address_hash(p_user_id, v_key));
end
$$;

comment on function credits._erased_since(text) is 'Whether a person was brought from the predecessor and erased since';
