create or replace function credits.use_guild_credits(
    p_organization_id text,
    p_user_id text,
    p_amount numeric,
    p_app_id text,
    p_description text,
    p_idempotency_key text default null,
    p_metadata jsonb default '{}'
) returns credits.guild_movement
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pool credits.guild_pools;
    v_row credits.guild_transactions;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._check_id('appId', p_app_id);
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
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

comment on function credits.use_guild_credits(text, text, numeric, text, text, text, jsonb) is
'Debits a guild''s pool for something a member used in an app, within the member''s daily and monthly limits.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits, UC003 spending_limit_exceeded (daily before monthly).
Idempotency: p_idempotency_key within the guild''s account, the member being one of the parameters; a retry returns the first movement with replayed = true.
Locks: the pool.';
