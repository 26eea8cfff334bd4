create or replace function credits._use_step_by_step(
    p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb
) returns credits.movement
language plpgsql
as $$
declare
    v_row credits.transactions;
    v_balance credits.balances;
begin
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
    if v_balance.user_id is null then
        perform credits._check_id('userId', p_user_id);
    end if;
    perform credits._check_cap('use', p_app_id, p_amount);
    if v_balance.balance >= p_amount is not true then
        perform credits._refuse_insufficient(p_amount, v_balance.balance);
    end if;
    v_row := credits._post_transaction(
        v_balance, 'usage', -p_amount, p_description, p_app_id, p_idempotency_key, p_metadata
    );
    return credits._movement(v_row, false);
end
$$;

comment on function credits._use_step_by_step(text, numeric, text, text, text, jsonb) is
    'What use_credits does with a debit that is not plain (a retry, a refusal, dated credits, an alert, caps): locks the balance and looks at one thing after the other. '
    'The caller has checked the parameters, but for p_user_id';
