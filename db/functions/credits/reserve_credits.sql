create or replace function credits.reserve_credits(
    p_user_id text,
    p_amount numeric,
    p_reason text,
    p_expires_in_seconds integer default 900,
    p_guild_id text default null,
    p_idempotency_key text default null,
    p_app_id text default 'unknown'
) returns table (reservation_id uuid, balance numeric, expires_at timestamptz, replayed boolean)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_account_id text := coalesce(p_guild_id, p_user_id);
    v_pool credits.guild_pools;
    v_owner credits.balances;
    v_available numeric;
    v_held credits.reservations;
    v_now timestamptz;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._refuse_pseudonym(p_user_id);
    perform credits._check_id('appId', p_app_id);
    perform credits._check_amount(p_amount);
    p_reason := credits._clean_text(p_reason);
    if p_reason is null then
        perform credits._refuse_invalid('reason', 'must be a text');
    end if;
    if (p_expires_in_seconds between 1 and 604800) is not true then
        perform credits._refuse_invalid('expiresInSeconds', 'must be from 1 to 604800 (7 days)');
    end if;
    if char_length(p_idempotency_key) not between 1 and 255 then
        perform credits._refuse_invalid('idempotencyKey', 'must be 1 to 255 characters');
    end if;

    if p_guild_id is null then
        v_owner := credits._lock_balance(p_user_id, p_create => false);
        v_available := coalesce(v_owner.balance, 0);
    else
        v_pool := credits._lock_pool(p_guild_id);
        v_available := v_pool.balance;
    end if;

    if p_idempotency_key is not null then
        select * into v_held
        from credits.reservations r
        where r.account_id = v_account_id
            and (r.organization_id is not null) = (p_guild_id is not null)
            and r.idempotency_key = p_idempotency_key;
        if found then
            if (v_held.user_id, v_held.amount, v_held.reason, v_held.app_id, extract(epoch from v_held.expires_at - v_held.created_at))
                is distinct from (p_user_id, p_amount, p_reason, p_app_id, p_expires_in_seconds::numeric)
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            return query select v_held.id, v_held.balance_after_hold, v_held.expires_at, true;
            return;
        end if;
        if p_guild_id is null and exists (
            select from credits.transactions t where t.user_id = p_user_id and t.idempotency_key = p_idempotency_key
        ) or exists (
            select from credits.guild_transactions g
            where g.organization_id = p_guild_id and g.idempotency_key = p_idempotency_key
        ) then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
    end if;

    perform credits._check_cap('reserve', p_app_id, p_amount);
    if v_available < p_amount then
        perform credits._refuse_insufficient(p_amount, v_available);
    end if;
    v_now := credits._now();
    insert into credits.reservations (
        account_id, id, user_id, organization_id, amount, app_id, reason, idempotency_key, spending_day,
        balance_after_hold, created_at, expires_at
    )
    values (
        v_account_id, credits._new_id(), p_user_id, p_guild_id, p_amount, p_app_id, p_reason, p_idempotency_key,
        case when p_guild_id is not null then credits._limits_day() end,
        v_available - p_amount, v_now, v_now + make_interval(secs => p_expires_in_seconds)
    )
    returning * into v_held;
    if v_owner.next_expiry is not null then
        perform credits._take_dated(p_user_id, v_held.id, p_amount, v_now);
    end if;
    return query select v_held.id, v_held.balance_after_hold, v_held.expires_at, false;
end
$$;

comment on function credits.reserve_credits(text, numeric, text, integer, text, text, text) is
'Sets credits of a user, or of a guild''s pool, aside for p_expires_in_seconds (15 minutes by default, 7 days at most). They leave the available balance at once and count towards the member''s limits; credits that expire soonest are set aside first. After that time they are free again by themselves.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits, UC003 spending_limit_exceeded.
Idempotency: p_idempotency_key within the account whose credits are held; a retry returns the first answer with replayed = true, whatever has become of the hold.
Locks: the pool or the user''s balance.';
