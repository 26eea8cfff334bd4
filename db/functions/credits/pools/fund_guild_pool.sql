create or replace function credits.fund_guild_pool(
    p_user_id text,
    p_organization_id text,
    p_amount numeric,
    p_idempotency_key text default null,
    p_description text default 'Guild pool funding',
    p_metadata jsonb default '{}'
) returns table (
    id uuid, user_id text, type credits.transaction_type, status credits.transaction_status, amount numeric,
    balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb, idempotency_key text,
    guild_id text, created_at timestamptz, completed_at timestamptz, balance numeric, total_earned numeric,
    total_spent numeric, reserved numeric, replayed boolean,
    pool_transaction_id uuid, pool_balance numeric, pool_total_funded numeric
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_pool credits.guild_pools;
    v_balance credits.balances;
    v_row credits.transactions;
    v_pool_row credits.guild_transactions;
    v_replayed boolean := false;
begin
    perform credits._check_id('userId', p_user_id);
    p_description := credits._clean_text(p_description);
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    v_pool := credits._lock_pool(p_organization_id);
    v_balance := credits._lock_balance(p_user_id, p_create => false);

    if p_idempotency_key is not null then
        v_row := credits._find_movement(v_balance, p_idempotency_key);
        v_replayed := v_row.id is not null;
    end if;
    if v_replayed then
        if (v_row.type, v_row.amount, v_row.guild_id, v_row.description, v_row.metadata)
            is distinct from ('guild_funding', -p_amount, p_organization_id, p_description, p_metadata)
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
        select * into v_pool_row
        from credits.guild_transactions g
        where g.organization_id = p_organization_id and g.id = v_row.reference_id::uuid;
    else
        perform credits._check_cap('fund_guild', null, p_amount);
        if v_balance.balance >= p_amount is not true then
            perform credits._refuse_insufficient(p_amount, v_balance.balance);
        end if;
        -- Each side names the other.
        v_pool_row.id := credits._next_id(v_pool.last_transaction_id);
        v_row := credits._post_transaction(
            v_balance, 'guild_funding', -p_amount, p_description, p_idempotency_key => p_idempotency_key,
            p_metadata => p_metadata, p_guild_id => p_organization_id, p_reference_id => v_pool_row.id::text
        );
        v_pool_row := credits._post_guild_transaction(
            v_pool, p_user_id, 'funding', p_amount, p_description, p_metadata => p_metadata,
            p_reference_id => v_row.id::text, p_id => v_pool_row.id
        );
    end if;
    return query select
        (credits._movement(v_row, v_replayed)).*,
        v_pool_row.id,
        v_pool_row.balance_after - v_pool_row.reserved_after,
        v_pool_row.balance_after + v_pool_row.total_spent_after;
end
$$;

comment on function credits.fund_guild_pool(text, text, numeric, text, text, jsonb) is
'Moves credits from a user''s own balance to a guild''s pool; both ledgers get their row in one transaction.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits, UC008 balance_too_large.
Idempotency: p_idempotency_key within the funder''s account; a retry returns the first movement with replayed = true.
Locks: the pool, then the user''s balance.';
