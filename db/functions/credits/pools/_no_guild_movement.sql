create or replace function credits._no_guild_movement(p_organization_id text, p_user_id text, p_charge jsonb)
returns credits.guild_movement
language plpgsql stable
as $$
declare
    v_movement credits.guild_movement;
begin
    select b.organization_id, p_user_id, b.balance, b.total_funded, b.total_spent, b.reserved, 0, false, p_charge
    into
        v_movement.organization_id, v_movement.user_id, v_movement.balance, v_movement.total_funded, v_movement.total_spent,
        v_movement.reserved, v_movement.amount, v_movement.replayed, v_movement.charge
    from credits.get_guild_balance(p_organization_id) b;
    return v_movement;
end
$$;

comment on function credits._no_guild_movement is
    'The answer to a debit of a pool that costs nothing: no entry, the pool, and the charge. Raises UC005 where there is no pool';
