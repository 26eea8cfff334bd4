create or replace function credits._of_key(p_account_id text, p_kind credits.account_kind, p_idempotency_key text)
returns credits.entries
language plpgsql stable
as $$
declare
    v_entry credits.entries;
begin
    if p_idempotency_key is not null then
        select * into v_entry
        from credits.entries e
        where e.account_id = p_account_id and e.kind = p_kind and e.idempotency_key = p_idempotency_key;
        if not found then
            perform credits._refuse_buried(p_account_id, p_kind, 'key', p_idempotency_key);
        end if;
    end if;
    return v_entry;
end
$$;

comment on function credits._of_key is
'The entry that an earlier call wrote under a key; all null for a new key, and for none. Raises UC004 for a key of
somebody who has been erased since';
