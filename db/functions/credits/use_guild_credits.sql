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
    v_id uuid;
    v_posting text;
    v_is_locked boolean := false;
    v_movement credits.guild_movement;
    v_pool credits.guild_pools;
    v_row credits.guild_transactions;
begin
    if (credits._is_id(p_user_id) and credits._is_use(p_amount, p_app_id, p_description, p_idempotency_key, p_metadata)) is not true then
        perform credits._check_id('userId', p_user_id);
        perform credits._check_id('appId', p_app_id);
        perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    end if;

    loop
        -- Nearly every call, as in use_credits, and once more when the lock had to be waited for: many members use one pool. What a member has used
        -- changes only with the pool, so their limits are decided on with it.
        v_id := credits._new_id();
        v_posting := set_config('credits.posting', 'direct', true);
        with decided as (
            select p.updated_at, d.day
            from credits.guild_pools p
            cross join credits.settings s
            cross join lateral (select (credits._now() at time zone s.limits_time_zone)::date as day) d
            where p.organization_id = p_organization_id
                and (v_is_locked or p.updated_at < credits._now() - interval '20 milliseconds')
                and p.balance >= p_amount
                and p.low_balance_at is null
                and (p.last_transaction_id >= v_id) is not true
                and (p.reserved = 0 or not exists (
                    select from credits.reservations h
                    where h.account_id = p.organization_id and h.status = 'held' and h.expires_at <= credits._now()
                ))
                and (p_idempotency_key is null or not exists (
                    select from credits.guild_transactions o
                    where o.organization_id = p_organization_id and o.idempotency_key = p_idempotency_key
                ))
                and (p_idempotency_key is null or p.reservations_count = 0 or not exists (
                    select from credits.reservations r
                    where r.account_id = p_organization_id and r.organization_id is not null and r.idempotency_key = p_idempotency_key
                ))
                and not exists (
                    select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
                )
                and not exists (
                    select
                    from credits.guild_spending_limits l
                    cross join lateral credits._member_spending(p_organization_id, p_user_id, d.day) used
                    where l.organization_id = p_organization_id
                        and l.user_id = p_user_id
                        and (l.daily_limit < used.today + p_amount or l.monthly_limit < used.this_month + p_amount)
                )
        ),
        moved as (
            update credits.guild_pools p
            set
                balance = p.balance - p_amount,
                total_spent = p.total_spent + p_amount,
                version = p.version + 1,
                last_transaction_id = v_id,
                updated_at = greatest(credits._now(), p.updated_at + interval '1 microsecond')
            from decided d
            where p.organization_id = p_organization_id and p.updated_at = d.updated_at
            returning p.organization_id, p.version, p.balance, p.reserved, p.total_spent, p.updated_at, d.day
        ),
        counted as (
            insert into credits.guild_member_spending as s (organization_id, user_id, day, spent)
            select m.organization_id, p_user_id, m.day, p_amount
            from moved m
            on conflict (organization_id, user_id, day) do update set spent = s.spent + excluded.spent
        )
        insert into credits.guild_transactions as t (
            organization_id, id, sequence, user_id, type, amount, balance_before, balance_after, reserved_after, total_spent_after,
            spending_day, app_id, description, metadata, idempotency_key, created_at
        )
        select
            m.organization_id, v_id, m.version, p_user_id, 'usage', -p_amount, m.balance + m.reserved + p_amount, m.balance + m.reserved,
            m.reserved, m.total_spent, m.day, p_app_id, p_description, p_metadata, p_idempotency_key, m.updated_at
        from moved m
        returning
            t.id, t.organization_id, t.user_id, t.type, t.amount, t.balance_before, t.balance_after, t.app_id, t.description, t.metadata,
            t.idempotency_key, t.created_at, t.balance_after - t.reserved_after, t.balance_after + t.total_spent_after,
            t.total_spent_after, t.reserved_after, false
        into v_movement;
        v_posting := set_config('credits.posting', '', true);
        if v_movement.id is not null then
            if credits._balance_events_wanted() then
                perform credits._emit_balance(
                    p_user_id, p_organization_id, v_id, 'usage', -p_amount, v_movement.balance_after, v_movement.reserved, p_app_id, null
                );
            end if;
            return v_movement;
        end if;
        exit when v_is_locked;

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
        v_is_locked := true;
    end loop;

    -- A limit that is reached, a cap or an alert that is set.
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
