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
    v_before record;
    v_id uuid;
    v_now timestamptz;
    v_movement credits.movement;
begin
    if credits._is_use(p_amount, p_app_id, p_description, p_idempotency_key, p_metadata) is not true then
        perform credits._check_id('appId', p_app_id);
        p_description := credits._clean_text(p_description);
        perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    end if;

    -- Nearly every call: enough credits, no dated ones and no holds past their time, no caps, a new key. Decided under the lock; the
    -- ledger's own unique index says whether the key is new, and takes no row if it is not.
    select
        b.balance, b.reserved, b.total_spent, b.version, b.last_transaction_id, b.updated_at, b.next_expiry, b.low_balance_at,
        b.reservations_count
    into v_before
    from credits.balances b
    where b.user_id = p_user_id
    for no key update;
    if v_before.balance >= p_amount
        and v_before.next_expiry is null
        and v_before.low_balance_at is null
        and (v_before.reserved = 0 or not credits._has_overdue_holds(p_user_id))
        and not exists (
            select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
        )
    then
        if v_before.reservations_count > 0 and p_idempotency_key is not null then
            perform credits._refuse_key_of_reservation(p_user_id, false, p_idempotency_key);
        end if;
        v_id := credits._next_id(v_before.last_transaction_id);
        v_now := greatest(credits._now(), v_before.updated_at + interval '1 microsecond');
        v_posting := set_config('credits.posting', 'direct', true);
        insert into credits.transactions as t (
            user_id, id, sequence, type, amount, balance_before, balance_after, reserved_after, total_spent_after, app_id,
            description, metadata, idempotency_key, created_at, completed_at
        )
        values (
            p_user_id, v_id, v_before.version + 1, 'usage', -p_amount, v_before.balance + v_before.reserved,
            v_before.balance + v_before.reserved - p_amount, v_before.reserved, v_before.total_spent + p_amount, p_app_id,
            p_description, p_metadata, p_idempotency_key, v_now, v_now
        )
        on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
        returning
            t.id, t.user_id, t.type, t.status, t.amount, t.balance_before, t.balance_after, t.app_id, t.description, t.metadata,
            t.idempotency_key, t.guild_id, t.created_at, t.completed_at, t.balance_after - t.reserved_after,
            t.balance_after + t.total_spent_after, t.total_spent_after, t.reserved_after, false
        into v_movement;
        if found then
            update credits.balances b
            set
                balance = b.balance - p_amount,
                total_spent = b.total_spent + p_amount,
                version = b.version + 1,
                last_transaction_id = v_id,
                updated_at = v_now
            where b.user_id = p_user_id;
            if v_before.version % 256 = 255 then
                perform credits._fold_usage(p_user_id, v_id);
            end if;
            v_posting := set_config('credits.posting', '', true);
            if credits._balance_events_wanted() then
                perform credits._emit_balance(
                    p_user_id, null, v_id, 'usage', -p_amount, v_movement.balance_after, v_movement.reserved, p_app_id, null
                );
            end if;
            return v_movement;
        end if;
        v_posting := set_config('credits.posting', '', true);
    end if;

    return credits._use_step_by_step(p_user_id, p_amount, p_app_id, p_description, p_idempotency_key, p_metadata);
end
$$;

comment on function credits.use_credits(text, numeric, text, text, text, jsonb) is
'Debits a user''s personal balance for something used in an app.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits.
Idempotency: p_idempotency_key within the user''s account; a retry returns the first movement with replayed = true.
Locks: the user''s balance.';
