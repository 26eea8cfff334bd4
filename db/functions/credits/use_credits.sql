create or replace function credits.use_credits(
    p_user_id text,
    p_amount numeric,
    p_app_id text,
    p_description text,
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
    perform credits._check_id('appId', p_app_id);
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    v_balance := credits._lock_balance(p_user_id, p_create => false);

    if p_idempotency_key is not null then
        v_row := credits._find_movement(v_balance, p_idempotency_key);
        if v_row.id is not null then
            if (v_row.type, v_row.amount, v_row.app_id, v_row.description, v_row.metadata, v_row.reference_id)
                is distinct from ('usage', -p_amount, p_app_id, p_description, p_metadata, null)
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            return credits._movement(v_row, true);
        end if;
    end if;

    perform credits._check_cap('use', p_app_id, p_amount);
    if v_balance.user_id is null then
        perform credits._check_id('userId', p_user_id);
    end if;
    if v_balance.balance >= p_amount is not true then
        perform credits._refuse_insufficient(p_amount, v_balance.balance);
    end if;
    v_row := credits._post_transaction(
        v_balance, 'usage', -p_amount, p_description, p_app_id, p_idempotency_key, p_metadata
    );
    return credits._movement(v_row, false);
end
$$;

comment on function credits.use_credits(text, numeric, text, text, text, jsonb) is
'Debits a user''s personal balance for something used in an app.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits.
Idempotency: p_idempotency_key within the user''s account; a retry returns the first movement with replayed = true.
Locks: the user''s balance.';
