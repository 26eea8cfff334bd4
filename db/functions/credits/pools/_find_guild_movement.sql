create or replace function credits._find_guild_movement(p_pool credits.guild_pools, p_idempotency_key text)
returns credits.guild_transactions
language plpgsql stable
as $$
declare
    v_row credits.guild_transactions;
begin
    select * into v_row
    from credits.guild_transactions
    where organization_id = p_pool.organization_id and idempotency_key = p_idempotency_key;
    if not found and p_pool.reservations_count > 0 then
        perform credits._refuse_key_of_reservation(p_pool.organization_id, true, p_idempotency_key);
    end if;
    return v_row;
end
$$;

comment on function credits._find_guild_movement(credits.guild_pools, text) is
    'The ledger row that an earlier call wrote under this key in a pool that the caller has locked; all null for a new key. '
    'Raises UC004 when the key belongs to a reservation of the pool';
