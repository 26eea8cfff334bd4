create or replace function credits._no_movement(p_user_id text, p_charge jsonb) returns credits.movement
language plpgsql stable
as $$
declare
    v_movement credits.movement;
begin
    select b.user_id, b.balance, b.total_earned, b.total_spent, b.reserved, 0, false, p_charge
    into
        v_movement.user_id, v_movement.balance, v_movement.total_earned, v_movement.total_spent, v_movement.reserved,
        v_movement.amount,
        v_movement.replayed, v_movement.charge
    from credits.get_balance(p_user_id) b;
    return v_movement;
end
$$;

comment on function credits._no_movement is
    'The answer to a debit that costs nothing: no entry, the balance, and the charge';
