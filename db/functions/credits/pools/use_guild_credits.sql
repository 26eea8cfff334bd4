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
    v_before record;
    v_id uuid;
    v_now timestamptz;
    v_day date;
    v_movement credits.guild_movement;
begin
    if (
        credits._is_id(p_user_id) and not credits._is_pseudonym(p_user_id)
        and credits._is_use(p_amount, p_app_id, p_description, p_idempotency_key, p_metadata)
    ) is not true then
        perform credits._check_id('userId', p_user_id);
        perform credits._refuse_pseudonym(p_user_id);
        perform credits._check_id('appId', p_app_id);
        p_description := credits._clean_text(p_description);
        perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    end if;

    -- Nearly every call, as in use_credits.
    select
        p.balance, p.reserved, p.total_spent, p.version, p.last_transaction_id, p.updated_at, p.low_balance_at, p.reservations_count,
        z.limits_time_zone
    into v_before
    from credits.guild_pools p
    cross join credits.settings z
    where p.organization_id = p_organization_id
    for no key update of p;
    if v_before.balance >= p_amount
        and v_before.low_balance_at is null
        and (v_before.reserved = 0 or not credits._has_overdue_holds(p_organization_id))
        and not exists (
            select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
        )
    then
        if v_before.reservations_count > 0 and p_idempotency_key is not null then
            perform credits._refuse_key_of_reservation(p_organization_id, true, p_idempotency_key);
        end if;
        v_id := credits._next_id(v_before.last_transaction_id);
        v_now := greatest(credits._now(), v_before.updated_at + interval '1 microsecond');
        v_day := (v_now at time zone v_before.limits_time_zone)::date;
        v_posting := set_config('credits.posting', 'direct', true);
        insert into credits.guild_transactions as t (
            organization_id, id, sequence, user_id, type, amount, balance_before, balance_after, reserved_after, total_spent_after,
            spending_day, app_id, description, metadata, idempotency_key, created_at
        )
        values (
            p_organization_id, v_id, v_before.version + 1, p_user_id, 'usage', -p_amount, v_before.balance + v_before.reserved,
            v_before.balance + v_before.reserved - p_amount, v_before.reserved, v_before.total_spent + p_amount, v_day, p_app_id,
            p_description, p_metadata, p_idempotency_key, v_now
        )
        on conflict (organization_id, idempotency_key) where idempotency_key is not null do nothing
        returning
            t.id, t.organization_id, t.user_id, t.type, t.amount, t.balance_before, t.balance_after, t.app_id, t.description, t.metadata,
            t.idempotency_key, t.created_at, t.balance_after - t.reserved_after, t.balance_after + t.total_spent_after,
            t.total_spent_after, t.reserved_after, false
        into v_movement;
        if found then
            perform credits._count_spending(p_organization_id, p_user_id, v_day, p_amount, true);
            update credits.guild_pools p
            set
                balance = p.balance - p_amount,
                total_spent = p.total_spent + p_amount,
                version = p.version + 1,
                last_transaction_id = v_id,
                updated_at = v_now
            where p.organization_id = p_organization_id;
            v_posting := set_config('credits.posting', '', true);
            if credits._balance_events_wanted() then
                perform credits._emit_balance(
                    p_user_id, p_organization_id, v_id, 'usage', -p_amount, v_movement.balance_after, v_movement.reserved, p_app_id, null
                );
            end if;
            return v_movement;
        end if;
        v_posting := set_config('credits.posting', '', true);
    end if;

    return credits._use_guild_step_by_step(
        p_organization_id, p_user_id, p_amount, p_app_id, p_description, p_idempotency_key, p_metadata
    );
end
$$;

comment on function credits.use_guild_credits(text, text, numeric, text, text, text, jsonb) is
'Debits a guild''s pool for something a member used in an app, within the member''s daily and monthly limits.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits, UC003 spending_limit_exceeded (daily before monthly).
Idempotency: p_idempotency_key within the guild''s account, the member being one of the parameters; a retry returns the first movement with replayed = true.
Locks: the pool.';
