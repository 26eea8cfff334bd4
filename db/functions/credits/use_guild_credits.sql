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
    v_posting text;
    v_moved record;
    v_day date;
    v_movement credits.guild_movement;
    v_pool credits.guild_pools;
    v_row credits.guild_transactions;
begin
    if (credits._is_id(p_user_id) and credits._is_use(p_amount, p_app_id, p_description, p_idempotency_key, p_metadata)) is not true then
        perform credits._check_id('userId', p_user_id);
        perform credits._check_id('appId', p_app_id);
        perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    end if;

    -- Nearly every call, as in use_credits.
    v_posting := set_config('credits.posting', 'direct', true);
    update credits.guild_pools p
    set
        balance = p.balance - p_amount,
        total_spent = p.total_spent + p_amount,
        version = p.version + 1,
        last_transaction_id = credits._next_id(p.last_transaction_id),
        updated_at = greatest(credits._now(), p.updated_at + interval '1 microsecond')
    where p.organization_id = p_organization_id
        and p.balance >= p_amount
        and p.low_balance_at is null
        and (p.reserved = 0 or not credits._has_overdue_holds(p_organization_id))
        and not exists (
            select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
        )
        and (p_idempotency_key is null or credits._is_new_guild_key(p_organization_id, p_idempotency_key, p.reservations_count))
    returning p.last_transaction_id, p.version, p.balance, p.reserved, p.total_spent, p.updated_at
    into v_moved;
    if found then
        v_day := (select (v_moved.updated_at at time zone z.limits_time_zone)::date from credits.settings z);
        perform credits._count_spending(p_organization_id, p_user_id, v_day, p_amount, true);
        insert into credits.guild_transactions as t (
            organization_id, id, sequence, user_id, type, amount, balance_before, balance_after, reserved_after, total_spent_after,
            spending_day, app_id, description, metadata, idempotency_key, created_at
        )
        values (
            p_organization_id, v_moved.last_transaction_id, v_moved.version, p_user_id, 'usage', -p_amount,
            v_moved.balance + v_moved.reserved + p_amount, v_moved.balance + v_moved.reserved, v_moved.reserved, v_moved.total_spent,
            v_day, p_app_id, p_description, p_metadata, p_idempotency_key, v_moved.updated_at
        )
        returning
            t.id, t.organization_id, t.user_id, t.type, t.amount, t.balance_before, t.balance_after, t.app_id, t.description, t.metadata,
            t.idempotency_key, t.created_at, t.balance_after - t.reserved_after, t.balance_after + t.total_spent_after,
            t.total_spent_after, t.reserved_after, false
        into v_movement;
        v_posting := set_config('credits.posting', '', true);
        if credits._balance_events_wanted() then
            perform credits._emit_balance(
                p_user_id, p_organization_id, v_movement.id, 'usage', -p_amount, v_movement.balance_after, v_movement.reserved, p_app_id,
                null
            );
        end if;
        return v_movement;
    end if;
    v_posting := set_config('credits.posting', '', true);

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
