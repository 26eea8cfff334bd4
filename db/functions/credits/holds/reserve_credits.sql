create or replace function credits.reserve_credits(
    p_user_id text,
    p_amount numeric,
    p_reason text,
    p_expires_in_seconds integer default 86400,
    p_guild_id text default null,
    p_idempotency_key text default null,
    p_app_id text default 'unknown'
) returns table (reservation_id uuid, balance numeric, expires_at timestamptz, replayed boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_account_id text := coalesce(p_guild_id, p_user_id);
    v_available numeric;
    v_held credits.reservations;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._refuse_pseudonym(p_user_id);
    perform credits._check_id('appId', p_app_id);
    perform credits._check_amount(p_amount);
    p_reason := credits._clean_text(p_reason);
    if p_reason is null then
        perform credits._refuse_invalid('reason', 'must be a text');
    end if;
    perform credits._check_hold_length(p_expires_in_seconds);
    perform credits._check_key(p_idempotency_key);

    if p_guild_id is null then
        v_available := coalesce((credits._lock_balance(p_user_id, p_create => false)).balance, 0);
    else
        v_available := (credits._lock_pool(p_guild_id)).balance;
    end if;

    if p_idempotency_key is not null then
        select * into v_held
        from credits.reservations r
        where r.account_id = v_account_id
            and (r.organization_id is not null) = (p_guild_id is not null)
            and r.idempotency_key = p_idempotency_key;
        if found then
            v_held.expires_at := coalesce(v_held.first_expires_at, v_held.expires_at);
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
    v_held := null;
    v_held.user_id := p_user_id;
    v_held.organization_id := p_guild_id;
    v_held.amount := p_amount;
    v_held.app_id := p_app_id;
    v_held.reason := p_reason;
    v_held.idempotency_key := p_idempotency_key;
    v_held.created_at := credits._now();
    v_held.expires_at := v_held.created_at + make_interval(secs => p_expires_in_seconds);
    v_held := credits._hold(v_held, v_available);
    return query select v_held.id, v_held.balance_after_hold, v_held.expires_at, false;
end
$$;

comment on function credits.reserve_credits(text, numeric, text, integer, text, text, text) is
'Sets credits of a user, or of a guild''s pool, aside for p_expires_in_seconds (24 hours by default, 30 days at most). They leave the available balance at once and count towards the member''s limits; credits that expire soonest are set aside first. After that time they are free again by themselves; the hold can still be committed, from what is there then, or extended.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits, UC003 spending_limit_exceeded.
Idempotency: p_idempotency_key within the account whose credits are held; a retry returns the first answer with replayed = true, whatever has become of the hold.
Locks: the pool or the user''s balance.';
