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
    v_id uuid := credits._new_id();
    v_posting text;
    v_movement credits.movement;
    v_row credits.transactions;
    v_balance credits.balances;
begin
    if credits._is_use(p_amount, p_app_id, p_description, p_idempotency_key, p_metadata) is not true then
        perform credits._check_id('appId', p_app_id);
        perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    end if;

    -- Nearly every call: a new key, enough credits, no dated ones and no holds past their time, no caps. Decided and written in one statement, without waiting
    -- for the lock first. Whatever changes a balance moves its updated_at: if that is no longer what was decided on, nothing is written.
    v_posting := set_config('credits.posting', 'direct', true);
    with decided as (
        select b.updated_at
        from credits.balances b
        where b.user_id = p_user_id
            -- One that moved a moment ago moves again before the row is there, most likely: better to wait for its lock, once.
            and b.updated_at < credits._now() - interval '20 milliseconds'
            and b.balance >= p_amount
            and b.next_expiry is null
            and b.low_balance_at is null
            and (b.last_transaction_id >= v_id) is not true
            and b.version % 256 <> 255  -- the row that folds the statistics
            and (b.reserved = 0 or not exists (
                select from credits.reservations h
                where h.account_id = b.user_id and h.status = 'held' and h.expires_at <= credits._now()
            ))
            and (p_idempotency_key is null or not exists (
                select from credits.transactions o where o.user_id = p_user_id and o.idempotency_key = p_idempotency_key
            ))
            and (p_idempotency_key is null or b.reservations_count = 0 or not exists (
                select from credits.reservations r
                where r.account_id = p_user_id and r.organization_id is null and r.idempotency_key = p_idempotency_key
            ))
            and not exists (
                select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
            )
    ),
    moved as (
        update credits.balances b
        set
            balance = b.balance - p_amount,
            total_spent = b.total_spent + p_amount,
            version = b.version + 1,
            last_transaction_id = v_id,
            updated_at = greatest(credits._now(), b.updated_at + interval '1 microsecond')
        from decided d
        where b.user_id = p_user_id and b.updated_at = d.updated_at
        returning b.user_id, b.version, b.balance, b.reserved, b.total_spent, b.updated_at
    )
    insert into credits.transactions as t (
        user_id, id, sequence, type, amount, balance_before, balance_after, reserved_after, total_spent_after, app_id,
        description, metadata, idempotency_key, created_at, completed_at
    )
    select
        m.user_id, v_id, m.version, 'usage', -p_amount, m.balance + m.reserved + p_amount, m.balance + m.reserved, m.reserved,
        m.total_spent, p_app_id, p_description, p_metadata, p_idempotency_key, m.updated_at, m.updated_at
    from moved m
    returning
        t.id, t.user_id, t.type, t.status, t.amount, t.balance_before, t.balance_after, t.app_id, t.description, t.metadata,
        t.idempotency_key, t.guild_id, t.created_at, t.completed_at, t.balance_after - t.reserved_after,
        t.balance_after + t.total_spent_after, t.total_spent_after, t.reserved_after, false
    into v_movement;
    v_posting := set_config('credits.posting', '', true);
    if v_movement.id is not null then
        if credits._balance_events_wanted() then
            perform credits._emit_balance(
                p_user_id, null, v_id, 'usage', -p_amount, v_movement.balance_after, v_movement.reserved, p_app_id, null
            );
        end if;
        return v_movement;
    end if;

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
