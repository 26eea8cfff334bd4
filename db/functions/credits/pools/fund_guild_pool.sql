create or replace function credits.fund_guild_pool(
    p_user_id text,
    p_organization_id text,
    p_amount numeric,
    p_idempotency_key text default null,
    p_description text default 'Guild pool funding',
    p_metadata jsonb default '{}',
    p_request_id text default null,
    p_caller text default null
) returns table (
    id uuid, user_id text, type credits.entry_type, status credits.transaction_status, amount numeric,
    balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb, idempotency_key text,
    guild_id text, created_at timestamptz, completed_at timestamptz, balance numeric, total_earned numeric,
    total_spent numeric, reserved numeric, replayed boolean, charge jsonb,
    pool_transaction_id uuid, pool_balance numeric, pool_total_funded numeric
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pool credits.entries;
    v_own credits.entries;
    v_replayed boolean;
begin
    perform credits._check_id('userId', p_user_id);
    p_description := credits._clean_text(p_description);
    p_metadata := coalesce(p_metadata, '{}');
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    p_amount := trim_scale(p_amount);
    v_pool := credits._lock_account(p_organization_id, 'pool');
    perform credits._lock_account(p_user_id, 'person');
    v_own := credits._of_key(p_user_id, 'person', p_idempotency_key);
    v_replayed := v_own.id is not null;
    if v_replayed then
        if (v_own.type, v_own.amount, v_own.other_id, v_own.description, v_own.metadata)
            is distinct from ('guild_funding', -p_amount, p_organization_id, p_description, p_metadata)
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
        select * into v_pool
        from credits.entries e
        where e.account_id = p_organization_id and e.kind = 'pool' and e.sequence = v_own.reference_id::bigint;
    else
        perform credits._check_cap('fund_guild', null, p_amount, p_caller);
        -- Each side names the other by its sequence, which is known under the locks.
        perform credits._post(
            p_user_id, 'person', 'guild_funding', -p_amount, 0, p_description, null, p_idempotency_key, p_metadata, p_organization_id,
            (coalesce(v_pool.sequence, 0) + 1)::text, p_request_id => p_request_id
        );
        v_own := credits._last_entry(p_user_id, 'person');
        perform credits._post(
            p_organization_id, 'pool', 'funding', p_amount, 0, p_description, null, null, p_metadata, p_user_id,
            v_own.sequence::text, p_request_id => p_request_id
        );
        v_pool := credits._last_entry(p_organization_id, 'pool');
    end if;
    return query select
        (credits._movement(v_own, v_replayed)).*, v_pool.id, v_pool.available - v_pool.debt,
        v_pool.available - v_pool.debt + v_pool.reserved + v_pool.total_spent;
end
$$;

comment on function credits.fund_guild_pool is
'Moves credits from a user''s own balance to a guild''s pool; both ledgers get their entry in one transaction.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC023
account_frozen, UC002 insufficient_credits, UC008 balance_too_large.
Idempotency: p_idempotency_key within the funder''s account; a retry returns the first movement with replayed = true.
Locks: the pool, then the user''s account.';
