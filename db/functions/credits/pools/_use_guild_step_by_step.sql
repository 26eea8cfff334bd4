create or replace function credits._use_guild_step_by_step(
    p_organization_id text,
    p_user_id text,
    p_amount numeric,
    p_app_id text,
    p_description text,
    p_idempotency_key text,
    p_metadata jsonb
) returns credits.guild_movement
language plpgsql
as $$
declare
    v_pool credits.guild_pools;
    v_row credits.guild_transactions;
begin
    v_pool := credits._lock_pool(p_organization_id);
    if p_idempotency_key is not null then
        v_row := credits._find_guild_movement(v_pool, p_idempotency_key);
        if v_row.id is not null then
            if (v_row.user_id, v_row.type, v_row.amount, v_row.app_id, v_row.description, v_row.metadata, v_row.reference_id)
                is distinct from (p_user_id, 'usage', -p_amount, p_app_id, p_description, p_metadata, null)
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            return credits._guild_movement(v_row, true);
        end if;
    end if;
    perform credits._check_cap('use_guild', p_app_id, p_amount);
    if v_pool.balance < p_amount then
        perform credits._refuse_insufficient(p_amount, v_pool.balance);
    end if;
    v_row := credits._post_guild_transaction(
        v_pool, p_user_id, 'usage', -p_amount, p_description, p_app_id, p_idempotency_key, p_metadata,
        p_spending_day => credits._limits_day()
    );
    return credits._guild_movement(v_row, false);
end
$$;

comment on function credits._use_guild_step_by_step(text, text, numeric, text, text, text, jsonb) is
    'What use_guild_credits does with a debit that is not plain (a retry, a refusal, an alert, caps): locks the pool and looks at one thing after the other. '
    'The caller has checked the parameters, but for p_organization_id';
