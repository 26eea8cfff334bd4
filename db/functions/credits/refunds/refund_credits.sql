create or replace function credits.refund_credits(
    p_user_id text,
    p_amount numeric,
    p_description text,
    p_app_id text default null,
    p_transaction_id uuid default null,
    p_idempotency_key text default null,
    p_metadata jsonb default '{}'
) returns credits.movement
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_guild_usage credits.guild_transactions;
    v_balance credits.balances;
    v_row credits.transactions;
    v_usage credits.transactions;
    v_refunded numeric;
begin
    perform credits._check_id('userId', p_user_id);
    if p_app_id is not null then
        perform credits._check_id('appId', p_app_id);
    end if;
    p_description := credits._clean_text(p_description);
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    if p_transaction_id is not null then
        v_guild_usage := credits._find_guild_usage(p_user_id, p_transaction_id);
        if v_guild_usage.id is not null then
            return credits._refund_guild_usage(
                v_guild_usage, p_amount, p_description, p_app_id, p_idempotency_key, p_metadata
            );
        end if;
    end if;

    perform credits._refuse_pseudonym(p_user_id);
    v_balance := credits._lock_balance(p_user_id, p_create => p_transaction_id is null);
    if p_idempotency_key is not null then
        v_row := credits._find_movement(v_balance, p_idempotency_key);
        if v_row.id is not null then
            if (v_row.type, v_row.amount, v_row.app_id, v_row.description, v_row.metadata, v_row.reference_id)
                is distinct from ('refund', p_amount, p_app_id, p_description, p_metadata, p_transaction_id::text)
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            return credits._refund_movement(v_row, true);
        end if;
    end if;

    if p_transaction_id is not null then
        select * into v_usage
        from credits.transactions
        where user_id = p_user_id and id = p_transaction_id and type = 'usage';
        if not found then
            perform credits._refuse_unknown_usage(p_transaction_id);
        end if;
    end if;
    perform credits._check_cap('refund', coalesce(v_usage.app_id, p_app_id, 'unknown'), p_amount);
    if p_transaction_id is not null then
        select coalesce(sum(t.amount), 0) into v_refunded
        from credits.transactions t
        where t.user_id = p_user_id and t.type = 'refund' and t.reference_id = p_transaction_id::text;
        if p_amount > -v_usage.amount - v_refunded then
            perform credits._refuse_over_refund(p_amount, -v_usage.amount - v_refunded);
        end if;
    end if;
    v_row := credits._post_transaction(
        v_balance, 'refund', p_amount, p_description, p_app_id, p_idempotency_key, p_metadata,
        p_reference_id => p_transaction_id::text, p_reversal => p_transaction_id is not null
    );
    if p_transaction_id is not null then
        perform credits._restore_dated(v_usage, v_refunded, p_amount, v_row.created_at);
    end if;
    return credits._refund_movement(v_row, false);
end
$$;

comment on function credits.refund_credits(text, numeric, text, text, uuid, text, jsonb) is
'Gives a user credits back. With p_transaction_id, a usage of that user''s: at most what is left of it to refund, in one or several parts, to the balance or the pool it came from (and to the member''s counted spending), as a reversal that lowers total_spent; dated credits it took are restored, and those that expired meanwhile expire again at once, by a row of their own: the figures returned are those after it. Of an erased person only the use of a pool can be refunded, to the pool, by their pseudonym. Without it: what comes in raises total_earned.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC009 transaction_not_found, UC016 cap_exceeded, UC010 amount_exceeds_refundable, UC008 balance_too_large.
Idempotency: p_idempotency_key within the account that is credited (the user''s, or the guild''s for a usage of its pool); a retry returns the first movement with replayed = true.
Locks: the pool, or the user''s balance.';
