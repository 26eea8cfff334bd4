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
    v_posting text;
    v_moved record;
    v_movement credits.movement;
    v_row credits.transactions;
    v_balance credits.balances;
begin
    if credits._is_use(p_amount, p_app_id, p_description, p_idempotency_key, p_metadata) is not true then
        perform credits._check_id('appId', p_app_id);
        perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    end if;

    -- Nearly every call: a new key, enough credits, no dated ones and no holds past their time, no caps. The update is the lock: where it
    -- has to wait, it looks at its conditions once more, as they are then (but for a cap that was set meanwhile), and draws its id and time.
    v_posting := set_config('credits.posting', 'direct', true);
    update credits.balances b
    set
        balance = b.balance - p_amount,
        total_spent = b.total_spent + p_amount,
        version = b.version + 1,
        last_transaction_id = credits._next_id(b.last_transaction_id),
        updated_at = greatest(credits._now(), b.updated_at + interval '1 microsecond')
    where b.user_id = p_user_id
        and b.balance >= p_amount
        and b.next_expiry is null
        and b.low_balance_at is null
        and (b.reserved = 0 or not credits._has_overdue_holds(p_user_id))
        and not exists (
            select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
        )
        and (p_idempotency_key is null or credits._is_new_key(p_user_id, p_idempotency_key, b.reservations_count))
    returning b.last_transaction_id, b.version, b.balance, b.reserved, b.total_spent, b.updated_at
    into v_moved;
    if found then
        if v_moved.version % 256 = 0 then
            perform credits._fold_usage(p_user_id, v_moved.last_transaction_id);
        end if;
        insert into credits.transactions as t (
            user_id, id, sequence, type, amount, balance_before, balance_after, reserved_after, total_spent_after, app_id,
            description, metadata, idempotency_key, created_at, completed_at
        )
        values (
            p_user_id, v_moved.last_transaction_id, v_moved.version, 'usage', -p_amount, v_moved.balance + v_moved.reserved + p_amount,
            v_moved.balance + v_moved.reserved, v_moved.reserved, v_moved.total_spent, p_app_id, p_description, p_metadata,
            p_idempotency_key, v_moved.updated_at, v_moved.updated_at
        )
        returning
            t.id, t.user_id, t.type, t.status, t.amount, t.balance_before, t.balance_after, t.app_id, t.description, t.metadata,
            t.idempotency_key, t.guild_id, t.created_at, t.completed_at, t.balance_after - t.reserved_after,
            t.balance_after + t.total_spent_after, t.total_spent_after, t.reserved_after, false
        into v_movement;
        v_posting := set_config('credits.posting', '', true);
        if credits._balance_events_wanted() then
            perform credits._emit_balance(
                p_user_id, null, v_movement.id, 'usage', -p_amount, v_movement.balance_after, v_movement.reserved, p_app_id, null
            );
        end if;
        return v_movement;
    end if;
    v_posting := set_config('credits.posting', '', true);

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
