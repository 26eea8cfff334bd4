create or replace function credits._refund_guild_usage(
    p_usage credits.guild_transactions, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text,
    p_metadata jsonb
) returns credits.movement
language plpgsql
as $$
declare
    v_pool credits.guild_pools := credits._lock_pool(p_usage.organization_id);
    v_row credits.guild_transactions;
    v_refunded numeric;
    v_replayed boolean := false;
begin
    -- The usage was found without a lock: the member may have been erased since.
    if not exists (
        select from credits.guild_transactions g
        where g.organization_id = p_usage.organization_id and g.id = p_usage.id and g.user_id = p_usage.user_id
    ) then
        perform credits._refuse_unknown_usage(p_usage.id);
    end if;
    if p_idempotency_key is not null then
        v_row := credits._find_guild_movement(v_pool, p_idempotency_key);
        v_replayed := v_row.id is not null;
    end if;
    if v_replayed then
        if (v_row.type, v_row.amount, v_row.app_id, v_row.description, v_row.metadata, v_row.reference_id)
            is distinct from ('refund', p_amount, p_app_id, p_description, p_metadata, p_usage.id::text)
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
    else
        perform credits._check_cap('refund', p_usage.app_id, p_amount);
        select coalesce(sum(amount), 0) into v_refunded
        from credits.guild_transactions
        where organization_id = p_usage.organization_id and type = 'refund' and reference_id = p_usage.id::text;
        if p_amount > -p_usage.amount - v_refunded then
            perform credits._refuse_over_refund(p_amount, -p_usage.amount - v_refunded);
        end if;
        v_row := credits._post_guild_transaction(
            v_pool, p_usage.user_id, 'refund', p_amount, p_description, p_app_id, p_idempotency_key, p_metadata,
            p_usage.id::text, true, p_usage.spending_day
        );
    end if;
    return row(
        v_row.id, v_row.user_id, 'refund', 'completed', v_row.amount, v_row.balance_before, v_row.balance_after, v_row.app_id,
        v_row.description, v_row.metadata, v_row.idempotency_key, v_row.organization_id, v_row.created_at, v_row.created_at,
        v_row.balance_after - v_row.reserved_after, v_row.balance_after + v_row.total_spent_after, v_row.total_spent_after,
        v_row.reserved_after, v_replayed
    )::credits.movement;
end
$$;

comment on function credits._refund_guild_usage(credits.guild_transactions, numeric, text, text, text, jsonb) is
    'The part of refund_credits for a usage of a pool: back to the pool and to the member''s spending of that day. '
    'The movement''s guild_id names the pool, its balances are the pool''s. Locks the pool';
