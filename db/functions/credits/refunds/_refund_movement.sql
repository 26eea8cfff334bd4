create or replace function credits._refund_movement(p_entry credits.entries, p_replayed boolean)
returns credits.movement
language plpgsql stable
as $$
declare
    v_movement credits.movement := credits._movement(p_entry, p_replayed);
    v_after credits.entries;
begin
    if p_entry.kind = 'pool' then
        -- The movement names the member, and as its guild the pool whose balances it has.
        v_movement.user_id := p_entry.other_id;
        v_movement.guild_id := p_entry.account_id;
    elsif p_entry.reversal then
        v_after := credits._standing_after(p_entry);
        v_movement.balance := v_after.available - v_after.debt;
        v_movement.total_earned := v_after.available - v_after.debt + v_after.reserved + v_after.total_spent;
        v_movement.total_spent := v_after.total_spent;
    end if;
    return v_movement;
end
$$;

comment on function credits._refund_movement is
'The answer to the refund that wrote p_entry: its figures, and those after the dated credits that it brought back too
late have left again';
