create or replace function credits._find_movement(p_balance credits.balances, p_idempotency_key text)
returns credits.transactions
language plpgsql stable
as $$
declare
    v_row credits.transactions;
begin
    select * into v_row
    from credits.transactions
    where user_id = p_balance.user_id and idempotency_key = p_idempotency_key;
    if not found and p_balance.reservations_count > 0 then
        perform credits._refuse_key_of_reservation(p_balance.user_id, false, p_idempotency_key);
    end if;
    return v_row;
end
$$;

comment on function credits._find_movement(credits.balances, text) is
    'The ledger row that an earlier call wrote under this key in a balance that the caller has locked; all null for a new key. '
    'Raises UC004 when the key belongs to a reservation of the account';
