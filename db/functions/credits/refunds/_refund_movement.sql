create or replace function credits._refund_movement(p_row credits.transactions, p_replayed boolean) returns credits.movement
language plpgsql stable
as $$
declare
    v_movement credits.movement := credits._movement(p_row, p_replayed);
    v_after credits.transactions;
begin
    if p_row.reversal then
        v_after := credits._standing_after(p_row);
        v_movement.balance := v_after.balance_after - v_after.reserved_after;
        v_movement.total_earned := v_after.balance_after + v_after.total_spent_after;
        v_movement.total_spent := v_after.total_spent_after;
    end if;
    return v_movement;
end
$$;

comment on function credits._refund_movement(credits.transactions, boolean) is
    'The answer to the refund that wrote p_row: its row, and the figures after the dated credits that it brought back too late have left again';
