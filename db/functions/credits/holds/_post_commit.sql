create or replace function credits._post_commit(p_held credits.reservations, p_description text, p_metadata jsonb)
returns credits.reservations
language plpgsql
as $$
declare
    v_balance credits.balances;
    v_pool credits.guild_pools;
    v_row credits.transactions;
    v_pool_row credits.guild_transactions;
    v_held credits.reservations;
    v_day date;
begin
    if p_held.organization_id is null then
        select * into v_balance from credits.balances where user_id = p_held.account_id;
        -- Dated credits were taken when the hold was made, and given back when it was past its time.
        v_row := credits._post_transaction(
            v_balance, 'usage', -p_held.committed_amount, p_description, p_held.app_id, p_metadata => p_metadata,
            p_reference_id => p_held.id::text, p_take_dated => p_held.committed_late
        );
        if p_held.committed_amount < p_held.amount and not p_held.committed_late then
            perform credits._give_back_dated(
                p_held.account_id, p_held.id, p_held.amount, 0, p_held.amount - p_held.committed_amount,
                p_held.ended_at
            );
            perform credits._expire_dated(p_held.account_id);
        end if;
        select * into v_balance from credits.balances where user_id = p_held.account_id;
    else
        select * into v_pool from credits.guild_pools where organization_id = p_held.account_id;
        v_day := case when p_held.committed_late then credits._limits_day() else p_held.spending_day end;
        v_pool_row := credits._post_guild_transaction(
            v_pool, p_held.user_id, 'usage', -p_held.committed_amount, p_description, p_held.app_id,
            p_metadata => p_metadata, p_reference_id => p_held.id::text, p_spending_day => v_day
        );
        -- What was held was allowed when it was set aside.
        if p_held.committed_late then
            perform credits._check_limits(p_held.organization_id, p_held.user_id, v_day, p_held.committed_amount);
        end if;
        select * into v_pool from credits.guild_pools where organization_id = p_held.account_id;
    end if;
    update credits.reservations
    set
        transaction_id = coalesce(v_row.id, v_pool_row.id),
        balance_after_end = coalesce(v_balance.balance, v_pool.balance)
    where account_id = p_held.account_id and id = p_held.id
    returning * into v_held;
    return v_held;
end
$$;

comment on function credits._post_commit(credits.reservations, text, jsonb) is
    'Writes the ledger row of a reservation that has just been committed and notes it there; raises UC003 if it is late and beyond a limit of the member. The caller holds the account''s lock';
