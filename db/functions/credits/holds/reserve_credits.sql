create or replace function credits.reserve_credits(
    p_user_id text,
    p_amount numeric default null,
    p_reason text default null,
    p_expires_in_seconds integer default null,
    p_guild_id text default null,
    p_idempotency_key text default null,
    p_app_id text default 'unknown',
    p_items jsonb default null,
    p_expected_amount numeric default null,
    p_request_id text default null,
    p_caller text default null
) returns table (reservation_id uuid, balance numeric, expires_at timestamptz, replayed boolean, charge jsonb)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_kind constant credits.account_kind := case when p_guild_id is null then 'person' else 'pool' end;
    v_account_id constant text := coalesce(p_guild_id, p_user_id);
    v_id constant uuid := credits._new_id();
    v_now timestamptz;
    v_priced credits.priced;
    v_seconds integer;
    v_entry credits.entries;
    v_held credits.reservations;
    v_replayed boolean;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._refuse_pseudonym(p_user_id);
    perform credits._check_id('appId', p_app_id);
    perform credits._check_amount(coalesce(p_amount, 1));
    p_reason := credits._clean_text(p_reason);
    if p_reason is null then
        perform credits._refuse_invalid('reason', 'must be a text');
    end if;
    if p_expires_in_seconds is not null then
        perform credits._check_hold_length(p_expires_in_seconds);
    end if;
    perform credits._check_key(p_idempotency_key);
    perform credits._lock_account(v_account_id, v_kind);
    v_entry := credits._of_key(v_account_id, v_kind, p_idempotency_key);
    v_replayed := v_entry.id is not null;
    if v_replayed then
        if v_entry.type = 'hold' then
            select * into v_held
            from credits.reservations r
            where r.account_id = v_account_id and r.kind = v_kind and r.id = v_entry.reference_id::uuid;
        end if;
        if (v_held.user_id, v_held.reason, v_held.app_id, v_entry.metadata)
                is distinct from (p_user_id, p_reason, p_app_id, jsonb_build_object('expiresInSeconds', p_expires_in_seconds))
            or credits._items_of(v_entry.charge -> 'lines') is distinct from credits._items_of(p_items)
            or (p_items is null and v_held.amount + v_held.captured is distinct from p_amount)
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
    else
        -- The moment by whose prices it is captured and committed, too.
        v_now := credits._now();
        v_priced := credits._priced(p_amount, p_items, p_expected_amount, v_now);
        if v_priced.amount = 0 then
            return query select
                null::uuid, coalesce(l.available - l.debt, 0), null::timestamptz, false, v_priced.charge
                from credits._last_entry(v_account_id, v_kind) l;
            return;
        end if;
        perform credits._check_cap('reserve', p_app_id, v_priced.amount, p_caller);
        v_seconds := coalesce(
            p_expires_in_seconds,
            (select c.default_hold_seconds from credits.service_caps c where c.caller = credits._caller(p_caller)),
            86400
        );
        perform credits._post(
            v_account_id, v_kind, 'hold', 0, v_priced.amount, p_reason, p_app_id, p_idempotency_key,
            jsonb_build_object('expiresInSeconds', p_expires_in_seconds), case when p_guild_id is not null then p_user_id end, v_id::text,
            p_ends_at => v_now + make_interval(secs => v_seconds), p_cause_id => v_id, p_request_id => p_request_id,
            p_charge => v_priced.charge
        );
        v_entry := credits._last_entry(v_account_id, v_kind);
        insert into credits.reservations (
            account_id, kind, id, user_id, amount, app_id, reason, spending_day, created_at, expires_at, sequence
        )
        values (
            v_account_id, v_kind, v_id, p_user_id, v_priced.amount, p_app_id, p_reason,
            coalesce(v_entry.spending_day, credits._limits_day(v_entry.created_at)), v_now, v_entry.ends_at,
            v_entry.sequence
        );
    end if;
    return query select v_entry.reference_id::uuid, v_entry.available - v_entry.debt, v_entry.ends_at, v_replayed, v_entry.charge;
end
$$;

comment on function credits.reserve_credits is
'Sets credits of a user, or of a guild''s pool, aside: p_amount (null otherwise), or what p_items [{operation,
quantity}] cost now. They stay so for p_expires_in_seconds, by default service_caps.default_hold_seconds of the caller,
or 24 hours; 30 days at most. With p_expected_amount it is refused where that is another one. What costs nothing holds
nothing: reservation_id is null. They leave the available balance at once and count towards the member''s limits;
credits that expire soonest are set aside first. After that time they are free again by themselves; the hold can still
be committed, from what is there then, or extended.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC001 invalid_request
(malformed items), UC021 unknown_operation, UC022 price_changed, UC016 cap_exceeded, UC023 account_frozen, UC002
insufficient_credits, UC003 spending_limit_exceeded.
Idempotency: p_idempotency_key within the account whose credits are held; a retry returns the first answer with replayed
= true, whatever has become of the hold. Items are compared, not what they cost.
Locks: the pool, or the user''s account.';
