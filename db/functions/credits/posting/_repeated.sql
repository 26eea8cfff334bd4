create or replace function credits._repeated(
    p_account_id text,
    p_kind credits.account_kind,
    p_idempotency_key text,
    p_type credits.entry_type,
    p_amount numeric,
    p_description text,
    p_app_id text default null,
    p_metadata jsonb default '{}',
    p_other_id text default null,
    p_reference_id text default null,
    p_items jsonb default null
) returns credits.entries
language plpgsql stable
as $$
declare
    v_entry credits.entries;
begin
    v_entry := credits._of_key(p_account_id, p_kind, p_idempotency_key);
    if v_entry.id is not null and (
        (v_entry.type, v_entry.description, v_entry.app_id, v_entry.metadata, v_entry.other_id, v_entry.reference_id)
            is distinct from (p_type, p_description, p_app_id, p_metadata, p_other_id, p_reference_id)
        or credits._items_of(v_entry.charge -> 'lines') is distinct from credits._items_of(p_items)
        -- Of items the price may have changed since.
        or (p_items is null and v_entry.amount is distinct from p_amount)
    ) then
        perform credits._refuse_reused_key(p_idempotency_key);
    end if;
    return v_entry;
end
$$;

comment on function credits._repeated is
'The entry that an earlier call with these parameters wrote under this key; all null for a new key, and for none. Raises
UC004 when the key belongs to another request';
