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
    v_balance credits.balances;
    v_row credits.transactions;
begin
    perform credits._check_id('userId', p_user_id);
    if p_app_id is not null then
        perform credits._check_id('appId', p_app_id);
    end if;
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    if p_transaction_id is not null then
        perform credits._refuse_invalid('transactionId', 'cannot be refunded by this version; leave it out to credit the user');
    end if;
    v_balance := credits._lock_balance(p_user_id, p_create => true);

    if p_idempotency_key is not null then
        select * into v_row
        from credits.transactions
        where user_id = p_user_id and idempotency_key = p_idempotency_key;
        if found then
            if (v_row.type, v_row.amount, v_row.app_id, v_row.description, v_row.metadata, v_row.reference_id)
                is distinct from ('refund', p_amount, p_app_id, p_description, p_metadata, p_transaction_id::text)
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            return credits._movement(v_row, true);
        end if;
    end if;

    v_row := credits._post_transaction(
        v_balance, 'refund', p_amount, p_description, p_app_id, p_idempotency_key, p_metadata
    );
    return credits._movement(v_row, false);
end
$$;

comment on function credits.refund_credits(text, numeric, text, text, uuid, text, jsonb) is
'Credits a user: what comes in raises total_earned.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC008 balance_too_large.
Idempotency: p_idempotency_key within the user''s account; a retry returns the first movement with replayed = true.
Locks: the user''s balance.';
