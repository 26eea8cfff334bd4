-- The core of before: balances and pools that are updated beside their ledgers. Debits, grants, pools, gifts and all that they call, as pg_dump
-- tells them, unchanged: for a database of its own in the server that holds the new core, with the roles that are there already.

set local search_path = '';
set local check_function_bodies = false;

CREATE SCHEMA credits;
ALTER SCHEMA credits OWNER TO credits_owner;

CREATE SCHEMA gifts;
ALTER SCHEMA gifts OWNER TO credits_owner;

CREATE DOMAIN credits.account_id AS text
	CONSTRAINT account_id_is_plain_text CHECK (((VALUE <> ''::text) AND (char_length(VALUE) <= 128) AND (VALUE !~ '[\u0001-\u001f\u007f-\u009f]'::text)));
ALTER DOMAIN credits.account_id OWNER TO credits_owner;

CREATE TYPE credits.dispute_status AS ENUM (
    'open',
    'won',
    'lost'
);
ALTER TYPE credits.dispute_status OWNER TO credits_owner;

CREATE TYPE credits.guild_transaction_type AS ENUM (
    'funding',
    'usage',
    'refund'
);
ALTER TYPE credits.guild_transaction_type OWNER TO credits_owner;

CREATE TYPE credits.guild_movement AS (
	id uuid,
	organization_id text,
	user_id text,
	type credits.guild_transaction_type,
	amount numeric,
	balance_before numeric,
	balance_after numeric,
	app_id text,
	description text,
	metadata jsonb,
	idempotency_key text,
	created_at timestamp with time zone,
	balance numeric,
	total_funded numeric,
	total_spent numeric,
	reserved numeric,
	replayed boolean
);
ALTER TYPE credits.guild_movement OWNER TO credits_owner;

CREATE TYPE credits.transaction_status AS ENUM (
    'completed'
);
ALTER TYPE credits.transaction_status OWNER TO credits_owner;

CREATE TYPE credits.transaction_type AS ENUM (
    'purchase',
    'usage',
    'refund',
    'gift',
    'guild_funding',
    'grant',
    'expiry',
    'clawback',
    'erasure'
);
ALTER TYPE credits.transaction_type OWNER TO credits_owner;

CREATE TYPE credits.movement AS (
	id uuid,
	user_id text,
	type credits.transaction_type,
	status credits.transaction_status,
	amount numeric,
	balance_before numeric,
	balance_after numeric,
	app_id text,
	description text,
	metadata jsonb,
	idempotency_key text,
	guild_id text,
	created_at timestamp with time zone,
	completed_at timestamp with time zone,
	balance numeric,
	total_earned numeric,
	total_spent numeric,
	reserved numeric,
	replayed boolean
);
ALTER TYPE credits.movement OWNER TO credits_owner;

CREATE TYPE credits.purchase_status AS ENUM (
    'pending',
    'processing',
    'completed',
    'failed',
    'cancelled'
);
ALTER TYPE credits.purchase_status OWNER TO credits_owner;

CREATE TYPE credits.reservation_status AS ENUM (
    'held',
    'committed',
    'released',
    'expired'
);
ALTER TYPE credits.reservation_status OWNER TO credits_owner;

CREATE TYPE credits.use_outcome AS (
	item integer,
	refusal text,
	refusal_message text,
	refusal_detail text,
	refusal_hint text,
	id uuid,
	user_id text,
	type credits.transaction_type,
	status credits.transaction_status,
	amount numeric,
	balance_before numeric,
	balance_after numeric,
	app_id text,
	description text,
	metadata jsonb,
	idempotency_key text,
	guild_id text,
	created_at timestamp with time zone,
	completed_at timestamp with time zone,
	balance numeric,
	total_earned numeric,
	total_spent numeric,
	reserved numeric,
	replayed boolean
);
ALTER TYPE credits.use_outcome OWNER TO credits_owner;

CREATE TYPE gifts.gift_status AS ENUM (
    'active',
    'depleted',
    'expired',
    'cancelled',
    'refunded'
);
ALTER TYPE gifts.gift_status OWNER TO credits_owner;

CREATE TYPE gifts.gift_type AS ENUM (
    'simple',
    'personalized',
    'split',
    'first_come',
    'riddle'
);
ALTER TYPE gifts.gift_type OWNER TO credits_owner;

CREATE TYPE gifts.redemption_status AS ENUM (
    'success',
    'failed_wrong_answer',
    'failed_wrong_user',
    'failed_depleted',
    'failed_expired',
    'failed_already_claimed'
);
ALTER TYPE gifts.redemption_status OWNER TO credits_owner;

CREATE FUNCTION credits._address_hash(p_address text, p_key bytea) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select sha256(p_key || sha256(p_key || convert_to(credits._fold_address(p_address), 'UTF8')))
$$;
ALTER FUNCTION credits._address_hash(p_address text, p_key bytea) OWNER TO credits_owner;

CREATE FUNCTION credits._addresses_of(p_user_id text, p_email text) RETURNS bytea[]
    LANGUAGE sql STABLE
    AS $$
    select coalesce(array_agg(a.address_hash), '{}')
    from (
        select n.address_hash from credits.known_addresses n where n.user_id = p_user_id
        union
        select credits._address_hash(t.email, k.key)
        from (
            select p_email as email
            union
            select c.email from credits.stripe_customers c where c.user_id = p_user_id
            union
            -- The address let them redeem it; where a Matrix id is named too it may have been that.
            select g.target_email
            from gifts.gift_redemptions r
            join gifts.gift_codes g on g.code = r.code
            where r.redeemer_user_id = p_user_id and r.status = 'success'
                and g.target_matrix_id is null
                and g.target_email <> '' and not credits._is_pseudonym(g.target_email)
        ) t
        cross join credits.address_key k
        where t.email is not null
    ) a
$$;
ALTER FUNCTION credits._addresses_of(p_user_id text, p_email text) OWNER TO credits_owner;

CREATE FUNCTION credits._apply_guild_transaction() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_id uuid := credits._new_id();
    v_now timestamptz := credits._now();
    v_balance_before numeric := new.balance_before;
    v_balance_after numeric := new.balance_after;
    v_reserved_after numeric := new.reserved_after;
    v_total_spent_after numeric := new.total_spent_after;
    v_low_balance_at numeric;
begin
    update credits.guild_pools p
    set
        balance = p.balance + new.amount,
        total_funded = p.total_funded + case when new.amount > 0 and not new.reversal then new.amount else 0 end,
        total_spent = p.total_spent - case when new.amount < 0 or new.reversal then new.amount else 0 end,
        version = p.version + 1,
        last_transaction_id = coalesce(new.id, credits._id_after(p.last_transaction_id, v_id)),
        updated_at = greatest(v_now, p.updated_at + interval '1 microsecond')
    where p.organization_id = new.organization_id
        and (new.sequence is null or new.sequence = p.version + 1)
        and (new.id <= p.last_transaction_id) is not true
    returning
        p.version, p.last_transaction_id, p.balance + p.reserved - new.amount, p.balance + p.reserved, p.reserved, p.total_spent,
        p.updated_at, session_user, p.low_balance_at
    into
        new.sequence, new.id, new.balance_before, new.balance_after, new.reserved_after, new.total_spent_after,
        new.created_at, new.called_by, v_low_balance_at;
    if not found then
        perform credits._refuse_row('its pool');
    end if;
    -- `on conflict do nothing` would drop the row and leave the pool moved.
    if new.idempotency_key is not null then
        if exists (
            select from credits.guild_transactions t
            where t.organization_id = new.organization_id and t.idempotency_key = new.idempotency_key
        ) then
            perform credits._refuse_row('its pool');
        end if;
    end if;
    if (
        new.amount <> 0 and new.amount < 1000000000000  -- also refuses NaN
        and (new.amount < 0) = (new.type = 'usage')
        and new.reversal = (new.type = 'refund')
        and (new.type = 'funding') = (new.spending_day is null)
        and (new.type = 'usage' or new.reference_id is not null)
        and (new.type <> 'usage' or new.app_id is not null)
        and (new.metadata = '{}' or jsonb_typeof(new.metadata) = 'object' and octet_length(new.metadata::text) <= 131072)
        and new.idempotency_key is distinct from ''
        and (new.id = v_id or credits._is_present_id(new.id, new.created_at))
        and (
            v_balance_after is null
            or (v_balance_before, v_balance_after, v_reserved_after, v_total_spent_after)
                = (new.balance_before, new.balance_after, new.reserved_after, new.total_spent_after)
        )
    ) is not true then
        perform credits._refuse_row('its pool');
    end if;
    if new.spending_day is not null then
        perform credits._count_spending(
            new.organization_id, new.user_id, new.spending_day, -new.amount, new.type = 'usage' and new.reference_id is null
        );
    end if;
    if v_low_balance_at is not null or credits._balance_events_wanted() then
        perform credits._emit_balance(
            new.user_id, new.organization_id, new.id, new.type::text, new.amount, new.balance_after, new.reserved_after, new.app_id,
            v_low_balance_at
        );
    end if;
    return new;
end
$$;
ALTER FUNCTION credits._apply_guild_transaction() OWNER TO credits_owner;

CREATE TABLE credits.purchases (
    user_id credits.account_id NOT NULL,
    id uuid NOT NULL,
    package_id uuid NOT NULL,
    package_name text NOT NULL,
    credits numeric(15,6) NOT NULL,
    price_euro_cents integer NOT NULL,
    currency text DEFAULT 'eur'::text NOT NULL,
    status credits.purchase_status DEFAULT 'pending'::credits.purchase_status NOT NULL,
    failure_reason text,
    stripe_payment_intent_id text,
    stripe_checkout_session_id text,
    stripe_customer_id text,
    transaction_id uuid,
    refunded_cents integer DEFAULT 0 NOT NULL,
    clawed_back_credits numeric(15,6) DEFAULT 0 NOT NULL,
    reversals_version integer DEFAULT 0 NOT NULL,
    idempotency_key text,
    request_digest bytea,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    completed_at timestamp with time zone,
    CONSTRAINT purchases_are_worth_something CHECK (((credits > (0)::numeric) AND (price_euro_cents > 0))),
    CONSTRAINT purchases_credited_when_completed CHECK ((((status = 'completed'::credits.purchase_status) = (transaction_id IS NOT NULL)) AND ((status = 'completed'::credits.purchase_status) = (completed_at IS NOT NULL)))),
    CONSTRAINT purchases_take_back_what_was_bought CHECK ((((refunded_cents >= 0) AND (refunded_cents <= price_euro_cents)) AND ((clawed_back_credits >= (0)::numeric) AND (clawed_back_credits <= credits)) AND ((status = 'completed'::credits.purchase_status) OR (clawed_back_credits = (0)::numeric))))
);
ALTER TABLE credits.purchases OWNER TO credits_owner;

CREATE FUNCTION credits._apply_reversals(p_purchase credits.purchases) RETURNS TABLE(outcome text, clawed_back numeric, balance numeric)
    LANGUAGE plpgsql ROWS 1
    AS $$
declare
    v_cents bigint;
    v_target numeric;
    v_change numeric;
    v_row credits.transactions;
begin
    select p_purchase.refunded_cents + coalesce(sum(d.amount_cents), 0) into v_cents
    from credits.purchase_disputes d
    where d.user_id = p_purchase.user_id and d.purchase_id = p_purchase.id and d.status <> 'won';
    v_target := round(
        p_purchase.credits * least(v_cents, p_purchase.price_euro_cents) / p_purchase.price_euro_cents, 6
    );
    v_change := v_target - p_purchase.clawed_back_credits;
    if p_purchase.status <> 'completed' then
        return query select 'pending', 0::numeric, null::numeric;
        return;
    end if;
    if v_change = 0 then
        return query select 'unchanged', v_target, null::numeric;
        return;
    end if;
    v_row := credits._post_transaction(
        credits._lock_balance(p_purchase.user_id, p_create => false),
        'clawback',
        -v_change,
        case when v_change > 0 then 'Payment refunded or disputed' else 'Refund failed or dispute won' end,
        p_reference_id => p_purchase.id::text,
        p_reversal => v_change < 0,
        p_take_dated => false
    );
    -- Counted under the purchase, so that giving back restores the dated credits that taking back took.
    if v_change > 0 then
        perform credits._take_dated(p_purchase.user_id, p_purchase.id, v_change, v_row.created_at);
    else
        perform credits._give_back_dated(
            p_purchase.user_id, p_purchase.id, p_purchase.clawed_back_credits, 0, -v_change, v_row.created_at
        );
        perform credits._expire_dated(p_purchase.user_id);
    end if;
    if credits._is_pseudonym(p_purchase.user_id) then
        perform credits._forfeit(p_purchase.user_id);
    end if;
    update credits.purchases p
    set clawed_back_credits = v_target, updated_at = v_row.created_at
    where p.user_id = p_purchase.user_id and p.id = p_purchase.id;
    return query select 'applied', v_target, b.balance from credits.balances b where b.user_id = p_purchase.user_id;
end
$$;
ALTER FUNCTION credits._apply_reversals(p_purchase credits.purchases) OWNER TO credits_owner;

CREATE FUNCTION credits._apply_transaction() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_id uuid := credits._new_id();
    v_now timestamptz := credits._now();
    v_balance_before numeric := new.balance_before;
    v_balance_after numeric := new.balance_after;
    v_reserved_after numeric := new.reserved_after;
    v_total_spent_after numeric := new.total_spent_after;
    v_low_balance_at numeric;
begin
    update credits.balances b
    set
        balance = b.balance + new.amount,
        total_earned = b.total_earned + case when new.amount > 0 and not new.reversal then new.amount else 0 end,
        total_spent = b.total_spent - case when new.amount < 0 or new.reversal then new.amount else 0 end,
        clawed_back = b.clawed_back - case when new.type = 'clawback' then new.amount else 0 end,
        version = b.version + 1,
        last_transaction_id = coalesce(new.id, credits._id_after(b.last_transaction_id, v_id)),
        updated_at = greatest(v_now, b.updated_at + interval '1 microsecond')
    where b.user_id = new.user_id
        and (new.sequence is null or new.sequence = b.version + 1)
        and (new.id <= b.last_transaction_id) is not true
    returning
        b.version, b.last_transaction_id, b.balance + b.reserved - new.amount, b.balance + b.reserved, b.reserved, b.total_spent,
        b.updated_at, b.updated_at, session_user, b.low_balance_at
    into
        new.sequence, new.id, new.balance_before, new.balance_after, new.reserved_after, new.total_spent_after,
        new.created_at, new.completed_at, new.called_by, v_low_balance_at;
    if not found then
        perform credits._refuse_row('its account');
    end if;
    -- `on conflict do nothing` would drop the row and leave the balance moved.
    if new.idempotency_key is not null then
        if exists (
            select from credits.transactions t where t.user_id = new.user_id and t.idempotency_key = new.idempotency_key
        ) then
            perform credits._refuse_row('its account');
        end if;
    end if;
    if new.type in ('purchase', 'grant') then
        if exists (
            select from credits.transactions t
            where t.user_id = new.user_id
                and t.type = new.type
                and t.type in ('purchase', 'grant')
                and t.reference_id = new.reference_id
        ) then
            perform credits._refuse_row('its account');
        end if;
    end if;
    if (
        new.amount <> 0 and new.amount < 1000000000000  -- also refuses NaN
        and (
            new.type in ('gift', 'clawback')
            or (new.amount > 0) = (new.type in ('purchase', 'refund', 'grant') or new.type = 'erasure' and new.reversal)
        )
        and (not new.reversal or new.type in ('refund', 'gift', 'clawback', 'erasure'))
        and (new.type in ('usage', 'refund', 'erasure') or new.reference_id is not null)
        and (new.type <> 'usage' or new.app_id is not null)
        -- Only what was clawed back may become a debt; a commit takes what was held.
        and (
            new.amount > 0 or new.type = 'clawback' or new.balance_after >= new.reserved_after
            or (new.type = 'usage' and new.reference_id is not null)
        )
        and (new.metadata = '{}' or jsonb_typeof(new.metadata) = 'object' and octet_length(new.metadata::text) <= 131072)
        and new.idempotency_key is distinct from ''
        and (new.id = v_id or credits._is_present_id(new.id, new.created_at))
        and (
            v_balance_after is null
            or (v_balance_before, v_balance_after, v_reserved_after, v_total_spent_after)
                = (new.balance_before, new.balance_after, new.reserved_after, new.total_spent_after)
        )
    ) is not true then
        perform credits._refuse_row('its account');
    end if;
    if new.sequence % 256 = 0 then
        perform credits._fold_usage(new.user_id, new.id);
    end if;
    if v_low_balance_at is not null or credits._balance_events_wanted() then
        perform credits._emit_balance(
            new.user_id, null, new.id, new.type::text, new.amount, new.balance_after, new.reserved_after, new.app_id, v_low_balance_at
        );
    end if;
    return new;
end
$$;
ALTER FUNCTION credits._apply_transaction() OWNER TO credits_owner;

CREATE FUNCTION credits._as_id(p_text text) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    select case when p_text ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_text::uuid end
$_$;
ALTER FUNCTION credits._as_id(p_text text) OWNER TO credits_owner;

CREATE FUNCTION credits._balance_at(p_user_id text, p_at timestamp with time zone) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone, expiring jsonb)
    LANGUAGE plpgsql STABLE ROWS 1
    AS $$
#variable_conflict use_column
declare
    v_row credits.transactions;
    v_held numeric;
    v_expired numeric;
begin
    perform credits._check_id('userId', p_user_id);
    -- Found through the time in the key: the cost does not grow with what came after or before.
    select * into v_row
    from credits.transactions t
    where t.user_id = p_user_id
        and t.id < credits._id_floor(p_at + interval '1 second')
        and t.created_at <= p_at
    order by t.id desc
    limit 1;
    select coalesce(sum(r.amount), 0) into v_held
    from credits._holds_between(p_user_id, p_at, p_at) r
    where r.created_at <= p_at
        and r.expires_at > p_at
        and (r.ended_at is null or r.ended_at > p_at);
    v_expired := credits._expired_at(p_user_id, p_at, v_row.created_at, v_row.balance_after - v_held);
    return query select
        p_user_id,
        coalesce(v_row.balance_after, 0) - v_held - v_expired,
        coalesce(v_row.balance_after + v_row.total_spent_after, 0),
        coalesce(v_row.total_spent_after, 0) + v_expired,
        v_held,
        null::bigint,
        null::timestamptz,
        v_row.created_at,
        null::jsonb;
end
$$;
ALTER FUNCTION credits._balance_at(p_user_id text, p_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits._balance_events_wanted() RETURNS boolean
    LANGUAGE sql STABLE
    AS $$select false$$;
ALTER FUNCTION credits._balance_events_wanted() OWNER TO credits_owner;

CREATE TABLE credits.balances (
    user_id credits.account_id NOT NULL,
    balance numeric(18,6) DEFAULT 0 NOT NULL,
    total_earned numeric(24,6) DEFAULT 0 NOT NULL,
    total_spent numeric(24,6) DEFAULT 0 NOT NULL,
    reserved numeric(18,6) DEFAULT 0 NOT NULL,
    clawed_back numeric(24,6) DEFAULT 0 NOT NULL,
    reservations_count bigint DEFAULT 0 NOT NULL,
    next_expiry timestamp with time zone,
    low_balance_at numeric(18,6),
    version bigint DEFAULT 0 NOT NULL,
    last_transaction_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT balances_add_up CHECK (((balance = ((total_earned - total_spent) - reserved)) AND (balance >= (- clawed_back)) AND (reserved >= (0)::numeric)))
)
WITH (fillfactor='70');
ALTER TABLE credits.balances OWNER TO credits_owner;

CREATE FUNCTION credits._balance_now(p_balance credits.balances) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone, expiring jsonb)
    LANGUAGE sql STABLE ROWS 1
    AS $$
    with overdue as (
        select array_agg(r.id) as holds, coalesce(sum(r.amount), 0) as freed
        from credits.reservations r
        where r.account_id = (p_balance).user_id
            and r.organization_id is null
            and r.status = 'held'
            and r.expires_at <= credits._now()
    ),
    dated as (
        select d.expires_at, d.remaining as amount
        from credits.dated_credits d
        where d.user_id = (p_balance).user_id and d.remaining > 0
        union all
        select c.expires_at, c.amount
        from overdue o
        cross join lateral credits._coming_back((p_balance).user_id, (p_balance).balance, o.holds) c
    ),
    change as (
        select
            (select o.freed from overdue o) as freed,
            (select coalesce(sum(d.amount), 0) from dated d where d.expires_at <= credits._now()) as expired
    )
    select
        (p_balance).user_id::text,
        (p_balance).balance + c.freed - c.expired,
        (p_balance).total_earned,
        (p_balance).total_spent + c.expired,
        (p_balance).reserved - c.freed,
        (p_balance).version,
        (p_balance).created_at,
        (p_balance).updated_at,
        (
            select jsonb_agg(
                jsonb_build_object(
                    'amount', trim_scale(e.amount),
                    'expiresAt', to_char(e.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                )
                order by e.expires_at
            )
            from (
                select d.expires_at, sum(d.amount) as amount
                from dated d
                where d.expires_at > credits._now() and d.amount > 0
                group by d.expires_at
            ) e
        )
    from change c
$$;
ALTER FUNCTION credits._balance_now(p_balance credits.balances) OWNER TO credits_owner;

CREATE FUNCTION credits._caller() RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_named text := current_setting('credits.caller', true);
begin
    -- The HTTP layer says which service key called; nobody else may speak for another.
    if v_named <> '' and pg_has_role(session_user, 'credits_api', 'member') then
        return v_named;
    end if;
    return session_user;
end
$$;
ALTER FUNCTION credits._caller() OWNER TO credits_owner;

CREATE FUNCTION credits._check_amount(p_amount numeric) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if credits._is_amount(p_amount) is not true then
        perform credits._refuse_invalid('amount', 'must be greater than 0 and at most 999999999.999999, with at most 6 decimals');
    end if;
end
$$;
ALTER FUNCTION credits._check_amount(p_amount numeric) OWNER TO credits_owner;

CREATE FUNCTION credits._check_batch(p_items integer, p_shapes text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if (p_items <= 1000) is not true then
        perform credits._refuse_invalid('items', 'must be at most 1000');
    end if;
    -- An array may begin at any number and have several dimensions, and an item is found by its place.
    if ((case when p_items > 0 then format('[1:%s]', p_items) else '' end) = all (p_shapes)) is not true then
        perform credits._refuse_invalid('items', 'must be arrays of one length and one dimension, counted from 1');
    end if;
end
$$;
ALTER FUNCTION credits._check_batch(p_items integer, p_shapes text[]) OWNER TO credits_owner;

CREATE FUNCTION credits._check_cap(p_operation text, p_app_id text, p_amount numeric) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_cap credits.service_caps;
    v_day date;
    v_used numeric;
begin
    select * into v_cap from credits.service_caps where caller = credits._caller();
    if not found then
        return;
    end if;
    if p_operation <> all (v_cap.operations) then
        perform credits._refuse_over_cap('operations', json_build_object('operation', p_operation, 'allowed', v_cap.operations));
    end if;
    if v_cap.app_ids is not null and p_app_id is not null and p_app_id <> all (v_cap.app_ids) then
        perform credits._refuse_over_cap('app_ids', json_build_object('appId', p_app_id, 'allowed', v_cap.app_ids));
    end if;
    if p_amount > v_cap.max_amount then
        perform credits._refuse_over_cap(
            'max_amount', json_build_object('limit', trim_scale(v_cap.max_amount), 'requested', trim_scale(p_amount))
        );
    end if;
    if v_cap.max_amount_per_day is not null and p_amount > 0 then
        v_day := (credits._now() at time zone 'UTC')::date;
        -- Counted first and checked then: the counter's row lock keeps callers in line, and a refusal takes the count back.
        insert into credits.service_cap_usage as u (caller, day, amount)
        values (v_cap.caller, v_day, p_amount)
        on conflict (caller, day) do update set amount = u.amount + excluded.amount
        returning amount into v_used;
        if v_used > v_cap.max_amount_per_day then
            perform credits._refuse_over_cap('max_amount_per_day', json_build_object(
                'limit', trim_scale(v_cap.max_amount_per_day),
                'spent', trim_scale(v_used - p_amount),
                'requested', trim_scale(p_amount),
                'resetsAt', to_char(v_day + 1, 'YYYY-MM-DD"T00:00:00Z"')
            ));
        end if;
    end if;
end
$$;
ALTER FUNCTION credits._check_cap(p_operation text, p_app_id text, p_amount numeric) OWNER TO credits_owner;

CREATE FUNCTION credits._check_counterpart() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    -- What a grant refers to is its giver's own. Said here, since PostgreSQL parses the WHEN of a trigger anew in every statement.
    if new.type = 'grant' then
        return null;
    end if;
    if (case new.type
        when 'purchase' then exists (
            select from credits.purchases p
            where p.user_id = new.user_id
                and p.id = credits._as_id(new.reference_id)
                and p.transaction_id = new.id
                and p.credits = new.amount
        )
        when 'clawback' then exists (
            select from credits.purchases p
            where p.user_id = new.user_id and p.id = credits._as_id(new.reference_id) and p.status = 'completed'
        )
        when 'expiry' then exists (
            select from credits.dated_movements m
            where m.user_id = new.user_id
                and m.cause_id = new.id
                and m.dated_id = credits._as_id(new.reference_id)
                and m.amount = new.amount
        )
        when 'usage' then exists (
            select from credits.reservations r
            where r.account_id = new.user_id
                and r.id = credits._as_id(new.reference_id)
                and r.transaction_id = new.id
                and r.committed_amount = -new.amount
        )
        when 'refund' then exists (
            select from credits.transactions t
            where t.user_id = new.user_id and t.id = credits._as_id(new.reference_id) and t.type = 'usage'
        )
        when 'guild_funding' then exists (
            select from credits.guild_transactions g
            where g.organization_id = new.guild_id
                and g.id = credits._as_id(new.reference_id)
                and g.reference_id = new.id::text
                and g.amount = -new.amount
        )
        when 'gift' then
            case
                when new.amount < 0 or new.reversal then exists (
                    select from gifts.gift_codes g
                    where g.creator_id = new.user_id
                        and g.id = credits._as_id(new.reference_id)
                        and new.id in (g.reservation_transaction_id, g.refund_transaction_id)
                )
                else exists (
                    select from gifts.gift_redemptions r
                    where r.redeemer_user_id = new.user_id
                        and r.status = 'success'
                        and r.id = new.id
                        and r.credit_transaction_id = new.id
                        and r.credits_received = new.amount
                )
            end
    end) is not true then
        raise exception using
            errcode = 'UC017',
            message = format('A ledger row of type %s needs its other side', new.type),
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_counterpart() OWNER TO credits_owner;

CREATE FUNCTION credits._check_dated_erasure() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if exists (
        select from (select distinct r.user_id from old_rows r) o
        where exists (select from credits.dated_movements m where m.user_id = o.user_id)
    ) or exists (
        select from (select distinct r.user_id, r.dated_id from new_rows r) n
        where not exists (select from credits.dated_credits d where d.user_id = n.user_id and d.id = n.dated_id)
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_dated_erasure() OWNER TO credits_owner;

CREATE FUNCTION credits._check_email(p_field text, p_email text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if credits._is_email(p_email) is not true then
        perform credits._refuse_invalid(p_field, 'must be an e-mail address');
    end if;
end
$$;
ALTER FUNCTION credits._check_email(p_field text, p_email text) OWNER TO credits_owner;

CREATE FUNCTION credits._check_erasure() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if exists (
        -- Each account once: a look into a ledger goes past all the versions that this transaction has replaced.
        select from (select distinct r.user_id from old_rows r) o
        where exists (select from credits.transactions t where t.user_id = o.user_id)
    ) or exists (
        select from (select distinct r.user_id from new_rows r) n
        where not exists (
            select from credits.balances b
            where b.user_id = n.user_id
                and b.version = (select count(*) from credits.transactions t where t.user_id = n.user_id)
        )
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_erasure() OWNER TO credits_owner;

CREATE FUNCTION credits._check_guild_counterpart() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if new.type = 'usage' and exists (
        select from credits.reservations r
        where r.account_id = new.organization_id
            and r.id = credits._as_id(new.reference_id)
            and r.transaction_id = new.id
            and r.committed_amount = -new.amount
    ) then
        return null;
    end if;
    if new.type = 'refund' and exists (
        select from credits.guild_transactions g
        where g.organization_id = new.organization_id
            and g.id = credits._as_id(new.reference_id)
            and g.type = 'usage'
            and g.user_id = new.user_id
    ) then
        return null;
    end if;
    if new.type <> 'funding' or not exists (
        select from credits.transactions t
        where t.user_id = new.user_id
            and t.id = credits._as_id(new.reference_id)
            and t.reference_id = new.id::text
            and t.guild_id = new.organization_id
            and t.amount = -new.amount
    ) then
        raise exception using
            errcode = 'UC017',
            message = format('A ledger row of type %s needs its other side', new.type),
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_guild_counterpart() OWNER TO credits_owner;

CREATE FUNCTION credits._check_guild_erasure() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if exists (
        select from (select distinct r.organization_id, r.user_id, r.spending_day from old_rows r) o
        where exists (
            select from credits.guild_transactions t
            where t.user_id = o.user_id and t.organization_id = o.organization_id and t.spending_day = o.spending_day
        )
    ) or exists (
        select from (select distinct r.organization_id, r.user_id, r.spending_day from new_rows r) n
        where n.spending_day is not null
            and not exists (
                select from credits.guild_member_spending s
                where s.organization_id = n.organization_id and s.user_id = n.user_id and s.day = n.spending_day
            )
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_guild_erasure() OWNER TO credits_owner;

CREATE FUNCTION credits._check_hold_length(p_expires_in_seconds integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if (p_expires_in_seconds between 1 and 2592000) is not true then
        perform credits._refuse_invalid('expiresInSeconds', 'must be from 1 to 2592000 (30 days)');
    end if;
end
$$;
ALTER FUNCTION credits._check_hold_length(p_expires_in_seconds integer) OWNER TO credits_owner;

CREATE FUNCTION credits._check_id(p_field text, p_id text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if credits._is_id(p_id) is not true then
        perform credits._refuse_invalid(p_field, 'must be 1 to 128 characters without control characters');
    end if;
end
$$;
ALTER FUNCTION credits._check_id(p_field text, p_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._check_key(p_idempotency_key text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if char_length(p_idempotency_key) not between 1 and 255 then
        perform credits._refuse_invalid('idempotencyKey', 'must be 1 to 255 characters');
    end if;
end
$$;
ALTER FUNCTION credits._check_key(p_idempotency_key text) OWNER TO credits_owner;

CREATE FUNCTION credits._check_limit(p_limit bigint, p_most bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if p_limit between 1 and p_most is not true then
        perform credits._refuse_invalid('limit', format('must be from 1 to %s', p_most));
    end if;
end
$$;
ALTER FUNCTION credits._check_limit(p_limit bigint, p_most bigint) OWNER TO credits_owner;

CREATE FUNCTION credits._check_limits(p_organization_id text, p_user_id text, p_day date, p_amount numeric) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v record;
begin
    if not exists (
        select from credits.guild_spending_limits l
        where l.organization_id = p_organization_id and l.user_id = p_user_id
    ) then
        return;
    end if;
    select * into v from credits._spending_windows(p_organization_id, p_user_id, p_day);
    if v.spent_today > v.daily_limit then
        perform credits._refuse_over_limit('daily', v.daily_limit, v.spent_today - p_amount, p_amount, v.day_resets_at);
    end if;
    if v.spent_this_month > v.monthly_limit then
        perform credits._refuse_over_limit(
            'monthly', v.monthly_limit, v.spent_this_month - p_amount, p_amount, v.month_resets_at
        );
    end if;
end
$$;
ALTER FUNCTION credits._check_limits(p_organization_id text, p_user_id text, p_day date, p_amount numeric) OWNER TO credits_owner;

CREATE FUNCTION credits._check_metadata(p_metadata jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $_$
begin
    if credits._is_metadata(p_metadata) is not true then
        perform credits._refuse_invalid('metadata', case
            when p_metadata is null or jsonb_typeof(p_metadata) <> 'object' then 'must be a JSON object'
            when jsonb_path_exists(p_metadata, 'strict $.** ? (@ >= 1e308 || @ <= -1e308)') then 'must not hold a number of 1e308 or more'
            else 'must be at most 65536 bytes as text'
        end);
    end if;
end
$_$;
ALTER FUNCTION credits._check_metadata(p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits._check_movement(p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    perform credits._check_amount(p_amount);
    if p_description is null then
        perform credits._refuse_invalid('description', 'must be a text');
    end if;
    perform credits._check_key(p_idempotency_key);
    if p_metadata is distinct from '{}' then
        perform credits._check_metadata(p_metadata);
    end if;
end
$$;
ALTER FUNCTION credits._check_movement(p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits._check_purchase() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not exists (
        select from credits.transactions t
        where t.user_id = new.user_id
            and t.id = new.transaction_id
            and t.type = 'purchase'
            and t.amount = new.credits
            and t.reference_id = new.id::text
    ) then
        raise exception using
            errcode = 'UC017',
            message = 'A completed purchase needs the ledger row that credited it',
            hint = 'Complete purchases with credits.complete_purchase';
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_purchase() OWNER TO credits_owner;

CREATE FUNCTION credits._check_renamed_balance() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not credits._is_pseudonym(new.user_id) or not exists (
        select from credits.balances b
        where b.user_id = new.user_id
            and b.version = (select count(*) from credits.transactions t where t.user_id = new.user_id)
    ) or exists (
        select from credits.seals s where s.user_id = old.user_id
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_renamed_balance() OWNER TO credits_owner;

CREATE FUNCTION credits._check_renamed_counter() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if exists (
        select from credits.guild_transactions t
        where t.user_id = old.user_id and t.organization_id = old.organization_id and t.spending_day = old.day
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_renamed_counter() OWNER TO credits_owner;

CREATE FUNCTION credits._check_renamed_dated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not exists (
        select from credits.transactions t where t.user_id = new.user_id and t.id = new.id and t.type = 'grant'
    ) or exists (
        select from credits.dated_movements m where m.user_id = old.user_id and m.dated_id = old.id
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_renamed_dated() OWNER TO credits_owner;

CREATE FUNCTION credits._check_renamed_seal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not exists (select from credits.transactions t where t.user_id = new.user_id and t.id = new.id) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._check_renamed_seal() OWNER TO credits_owner;

CREATE FUNCTION credits._clean_text(p_text text, p_most integer DEFAULT 1000) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case
        when char_length(p_text) <= p_most and p_text !~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]' then p_text
        else regexp_replace(left(p_text, p_most), '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]', chr(65533), 'g')
    end
$$;
ALTER FUNCTION credits._clean_text(p_text text, p_most integer) OWNER TO credits_owner;

CREATE FUNCTION credits._coming_back(p_user_id text, p_balance numeric, p_holds uuid[]) RETURNS TABLE(hold_id uuid, dated_id uuid, expires_at timestamp with time zone, amount numeric)
    LANGUAGE sql STABLE ROWS 10
    AS $$
    with held as (
        select
            r.id,
            -- What is left of it when it has repaid what is still owed then.
            r.amount - greatest(
                r.amount - sum(r.amount) over (order by r.expires_at, r.id) - p_balance, 0
            ) as kept
        from credits.reservations r
        where r.account_id = p_user_id and r.id = any (p_holds)
    )
    select
        h.id,
        d.id,
        d.expires_at,
        -- A debt is repaid first from what is undated, then from what expires soonest.
        greatest(
            least(-m.amount, h.kept - m.amount + sum(m.amount) over (partition by h.id order by d.expires_at desc, d.id desc)),
            0
        )
    from held h
    join credits.dated_movements m on m.user_id = p_user_id and m.cause_id = h.id and m.amount < 0
    join credits.dated_credits d on d.user_id = m.user_id and d.id = m.dated_id
$$;
ALTER FUNCTION credits._coming_back(p_user_id text, p_balance numeric, p_holds uuid[]) OWNER TO credits_owner;

CREATE FUNCTION credits._count_spending(p_organization_id text, p_user_id text, p_day date, p_amount numeric, p_limited boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_today numeric;
    v_daily_limit numeric;
    v_monthly_limit numeric;
    v_this_month numeric;
begin
    update credits.guild_member_spending s
    set spent = s.spent + p_amount
    where s.organization_id = p_organization_id and s.user_id = p_user_id and s.day = p_day
    returning s.spent + s.reserved
    into v_today;
    -- A refund has a count to take it from, or is of nothing that was counted.
    if not found and p_amount > 0 then
        insert into credits.guild_member_spending (organization_id, user_id, day, spent)
        values (p_organization_id, p_user_id, p_day, p_amount);
        v_today := p_amount;
    end if;
    -- What was reserved was counted, and allowed, then; what comes back is always welcome.
    if p_limited then
        select l.daily_limit, l.monthly_limit, case when l.monthly_limit is not null then (
            select used.this_month from credits._member_spending(p_organization_id, p_user_id, p_day) used
        ) end
        into v_daily_limit, v_monthly_limit, v_this_month
        from credits.guild_spending_limits l
        where l.organization_id = p_organization_id and l.user_id = p_user_id;
        -- Holds past their time are counted here; _check_limits looks closer.
        if v_daily_limit < v_today or v_monthly_limit < v_this_month then
            perform credits._check_limits(p_organization_id, p_user_id, p_day, p_amount);
        end if;
    end if;
end
$$;
ALTER FUNCTION credits._count_spending(p_organization_id text, p_user_id text, p_day date, p_amount numeric, p_limited boolean) OWNER TO credits_owner;

CREATE FUNCTION credits._day_start(p_day date, p_time_zone text) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    AS $$
    -- Where midnight comes twice, this is the second; the clock before it shows how long ago the first was.
    select second.at - greatest(
        (second.at - interval '1 microsecond') at time zone p_time_zone + interval '1 microsecond' - p_day::timestamp,
        interval '0'
    )
    from (select p_day::timestamp at time zone p_time_zone as at) second
$$;
ALTER FUNCTION credits._day_start(p_day date, p_time_zone text) OWNER TO credits_owner;

CREATE FUNCTION credits._emit(p_type text, p_user_id text, p_organization_id text, p_data jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    insert into credits.outbox (id, type, user_id, organization_id, data, created_at)
    select credits._new_id(), p_type, p_user_id, p_organization_id, p_data, credits._now()
    where exists (select from credits.event_consumers c where p_type = any (c.types) and c.lost_at is null);
end
$$;
ALTER FUNCTION credits._emit(p_type text, p_user_id text, p_organization_id text, p_data jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits._emit_balance(p_user_id text, p_organization_id text, p_transaction_id uuid, p_type text, p_amount numeric, p_owned numeric, p_reserved numeric, p_app_id text, p_low_balance_at numeric) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    perform credits._emit('balance.changed', p_user_id, p_organization_id, jsonb_strip_nulls(jsonb_build_object(
        'userId', p_user_id,
        'guildId', p_organization_id,
        'transactionId', p_transaction_id,
        'type', p_type,
        'amount', trim_scale(p_amount),
        'balance', trim_scale(p_owned - p_reserved),
        'reserved', trim_scale(p_reserved),
        'appId', p_app_id
    )));
    -- From above to it or below: once, until it has risen above again.
    if p_owned <= p_low_balance_at and p_owned - p_amount > p_low_balance_at then
        perform credits._emit(
            'balance.low',
            case when p_organization_id is null then p_user_id end,
            p_organization_id,
            jsonb_strip_nulls(jsonb_build_object(
                'userId', case when p_organization_id is null then p_user_id end,
                'guildId', p_organization_id,
                'threshold', trim_scale(p_low_balance_at),
                'balance', trim_scale(p_owned - p_reserved),
                'reserved', trim_scale(p_reserved)
            ))
        );
    end if;
end
$$;
ALTER FUNCTION credits._emit_balance(p_user_id text, p_organization_id text, p_transaction_id uuid, p_type text, p_amount numeric, p_owned numeric, p_reserved numeric, p_app_id text, p_low_balance_at numeric) OWNER TO credits_owner;

CREATE TABLE credits.reservations (
    account_id credits.account_id NOT NULL,
    id uuid NOT NULL,
    user_id credits.account_id NOT NULL,
    organization_id credits.account_id,
    amount numeric(15,6) NOT NULL,
    status credits.reservation_status DEFAULT 'held'::credits.reservation_status NOT NULL,
    continues uuid,
    committed_late boolean DEFAULT false NOT NULL,
    committed_amount numeric(15,6) DEFAULT 0 NOT NULL,
    app_id text NOT NULL,
    reason text NOT NULL,
    idempotency_key text,
    spending_day date,
    transaction_id uuid,
    balance_after_hold numeric(18,6) NOT NULL,
    balance_after_end numeric(18,6),
    called_by text DEFAULT SESSION_USER NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    first_expires_at timestamp with time zone,
    extended_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT reservations_are_late_when_committed CHECK (((NOT committed_late) OR (status = 'committed'::credits.reservation_status))),
    CONSTRAINT reservations_belong_to_their_account CHECK (((account_id)::text = (COALESCE(organization_id, user_id))::text)),
    CONSTRAINT reservations_commit_something CHECK (((status = 'committed'::credits.reservation_status) = (committed_amount > (0)::numeric))),
    CONSTRAINT reservations_end_once CHECK (((status = 'held'::credits.reservation_status) = (ended_at IS NULL))),
    CONSTRAINT reservations_hold_something CHECK (((amount > (0)::numeric) AND ((committed_amount >= (0)::numeric) AND (committed_amount <= amount)))),
    CONSTRAINT reservations_last_at_most_30_days CHECK ((((EXTRACT(epoch FROM (expires_at - COALESCE(extended_at, created_at))) >= (1)::numeric) AND (EXTRACT(epoch FROM (expires_at - COALESCE(extended_at, created_at))) <= (2592000)::numeric)) AND ((EXTRACT(epoch FROM (COALESCE(first_expires_at, expires_at) - created_at)) >= (1)::numeric) AND (EXTRACT(epoch FROM (COALESCE(first_expires_at, expires_at) - created_at)) <= (2592000)::numeric)))),
    CONSTRAINT reservations_of_guilds_count_on_a_day CHECK (((organization_id IS NULL) = (spending_day IS NULL))),
    CONSTRAINT reservations_text_length CHECK (((char_length(reason) <= 1000) AND (char_length(app_id) <= 128) AND ((char_length(idempotency_key) >= 1) AND (char_length(idempotency_key) <= 255))))
);
ALTER TABLE credits.reservations OWNER TO credits_owner;

CREATE FUNCTION credits._emit_expiry(p_hold credits.reservations) RETURNS void
    LANGUAGE sql
    AS $$
    select credits._emit('hold.expired', p_hold.user_id, p_hold.organization_id, jsonb_strip_nulls(jsonb_build_object(
        'userId', p_hold.user_id,
        'guildId', p_hold.organization_id,
        'reservationId', coalesce(p_hold.continues, p_hold.id),
        'amount', trim_scale(p_hold.amount),
        'expiredAt', to_char(p_hold.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )))
$$;
ALTER FUNCTION credits._emit_expiry(p_hold credits.reservations) OWNER TO credits_owner;

CREATE FUNCTION credits._erase_events(p_user_id text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    -- The outbox first: what is being ordered meanwhile is found among the events then.
    delete from credits.outbox where user_id = p_user_id and organization_id is null;
    update credits.outbox set user_id = null, data = data - 'userId' where user_id = p_user_id;
    delete from credits.events where user_id = p_user_id and organization_id is null;
    update credits.events set user_id = null, data = data - 'userId' where user_id = p_user_id;
end
$$;
ALTER FUNCTION credits._erase_events(p_user_id text) OWNER TO credits_owner;

CREATE TABLE credits.event_consumers (
    consumer text NOT NULL,
    types text[] NOT NULL,
    login text,
    "position" bigint NOT NULL,
    registered_at timestamp with time zone DEFAULT now() NOT NULL,
    lost_at timestamp with time zone,
    CONSTRAINT event_consumers_know_their_types CHECK ((types <@ ARRAY['balance.changed'::text, 'balance.low'::text, 'gift.redeemed'::text, 'purchase.completed'::text, 'hold.expired'::text])),
    CONSTRAINT event_consumers_want_something CHECK ((cardinality(types) > 0))
);
ALTER TABLE credits.event_consumers OWNER TO credits_owner;

CREATE FUNCTION credits._expire_dated(p_user_id text) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_balance credits.balances;
    v_dated credits.dated_credits;
    v_row credits.transactions;
begin
    select * into v_balance from credits.balances where user_id = p_user_id;
    if v_balance.next_expiry is null then
        return;
    end if;
    for v_dated in
        select * from credits.dated_credits
        where user_id = p_user_id and remaining > 0 and expires_at <= credits._now()
        order by expires_at, id
    loop
        select * into v_balance from credits.balances where user_id = p_user_id;
        v_row := credits._post_transaction(
            v_balance, 'expiry', -v_dated.remaining, 'Credits expired', p_reference_id => v_dated.id::text,
            p_take_dated => false
        );
        insert into credits.dated_movements (user_id, id, dated_id, cause_id, amount, created_at)
        values (p_user_id, credits._new_id(), v_dated.id, v_row.id, -v_dated.remaining, v_row.created_at);
    end loop;
end
$$;
ALTER FUNCTION credits._expire_dated(p_user_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._expired_at(p_user_id text, p_at timestamp with time zone, p_last_row_at timestamp with time zone, p_balance numeric) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    with since as (
        -- What had expired before the last ledger row went with it, but for what expired while that row was being written.
        select p_last_row_at - interval '1 hour' as at
    ),
    overdue as (
        select array_agg(r.id) as holds, sum(r.amount) as freed
        from since s
        cross join lateral credits._holds_between(p_user_id, s.at, p_at) r
        where r.expires_at <= p_at
            and (r.ended_at is null or r.ended_at > p_at)
    ),
    expired as (
        select
            d.granted + coalesce((
                select sum(m.amount)
                from credits.dated_movements m
                where m.user_id = d.user_id and m.dated_id = d.id and m.created_at <= p_at
            ), 0) as amount
        from credits.dated_credits d
        cross join since s
        where d.user_id = p_user_id and d.created_at <= p_at and d.expires_at > s.at and d.expires_at <= p_at
        union all
        select c.amount
        from overdue o
        cross join lateral credits._coming_back(p_user_id, p_balance - o.freed, o.holds) c
        where c.expires_at <= p_at
    )
    select coalesce(sum(e.amount), 0)
    from expired e
$$;
ALTER FUNCTION credits._expired_at(p_user_id text, p_at timestamp with time zone, p_last_row_at timestamp with time zone, p_balance numeric) OWNER TO credits_owner;

CREATE TABLE credits.guild_pools (
    organization_id credits.account_id NOT NULL,
    balance numeric(18,6) DEFAULT 0 NOT NULL,
    total_funded numeric(24,6) DEFAULT 0 NOT NULL,
    total_spent numeric(24,6) DEFAULT 0 NOT NULL,
    reserved numeric(18,6) DEFAULT 0 NOT NULL,
    reservations_count bigint DEFAULT 0 NOT NULL,
    low_balance_at numeric(18,6),
    version bigint DEFAULT 0 NOT NULL,
    last_transaction_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT guild_pools_add_up CHECK (((balance = ((total_funded - total_spent) - reserved)) AND (balance >= (0)::numeric) AND (reserved >= (0)::numeric)))
)
WITH (fillfactor='70');
ALTER TABLE credits.guild_pools OWNER TO credits_owner;

CREATE TABLE credits.guild_transactions (
    organization_id text NOT NULL,
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    user_id text NOT NULL,
    type credits.guild_transaction_type NOT NULL,
    amount numeric(18,6) NOT NULL,
    balance_before numeric(18,6) NOT NULL,
    balance_after numeric(18,6) NOT NULL,
    reserved_after numeric(18,6) NOT NULL,
    total_spent_after numeric(24,6) NOT NULL,
    reversal boolean DEFAULT false NOT NULL,
    spending_day date,
    app_id character varying(128),
    description character varying(1000) DEFAULT ''::character varying NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    idempotency_key character varying(255),
    reference_id text,
    called_by text DEFAULT SESSION_USER NOT NULL,
    request_id text DEFAULT "left"(NULLIF(current_setting('credits.request_id'::text, true), ''::text), 128),
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE credits.guild_transactions OWNER TO credits_owner;

CREATE FUNCTION credits._find_guild_movement(p_pool credits.guild_pools, p_idempotency_key text) RETURNS credits.guild_transactions
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_row credits.guild_transactions;
begin
    select * into v_row
    from credits.guild_transactions
    where organization_id = p_pool.organization_id and idempotency_key = p_idempotency_key;
    if not found and p_pool.reservations_count > 0 then
        perform credits._refuse_key_of_reservation(p_pool.organization_id, true, p_idempotency_key);
    end if;
    return v_row;
end
$$;
ALTER FUNCTION credits._find_guild_movement(p_pool credits.guild_pools, p_idempotency_key text) OWNER TO credits_owner;

CREATE TABLE credits.transactions (
    user_id text NOT NULL,
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    type credits.transaction_type NOT NULL,
    status credits.transaction_status DEFAULT 'completed'::credits.transaction_status NOT NULL,
    amount numeric(18,6) NOT NULL,
    balance_before numeric(18,6) NOT NULL,
    balance_after numeric(18,6) NOT NULL,
    reserved_after numeric(18,6) NOT NULL,
    total_spent_after numeric(24,6) NOT NULL,
    reversal boolean DEFAULT false NOT NULL,
    app_id character varying(128),
    description character varying(1000) DEFAULT ''::character varying NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    idempotency_key character varying(255),
    guild_id text,
    reference_id text,
    called_by text DEFAULT SESSION_USER NOT NULL,
    request_id text DEFAULT "left"(NULLIF(current_setting('credits.request_id'::text, true), ''::text), 128),
    created_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone NOT NULL
);
ALTER TABLE credits.transactions OWNER TO credits_owner;

CREATE FUNCTION credits._find_movement(p_balance credits.balances, p_idempotency_key text) RETURNS credits.transactions
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_row credits.transactions;
begin
    select * into v_row
    from credits.transactions
    where user_id = p_balance.user_id and idempotency_key = p_idempotency_key;
    if not found and p_balance.reservations_count > 0 then
        perform credits._refuse_key_of_reservation(p_balance.user_id, false, p_idempotency_key);
    end if;
    return v_row;
end
$$;
ALTER FUNCTION credits._find_movement(p_balance credits.balances, p_idempotency_key text) OWNER TO credits_owner;

CREATE FUNCTION credits._fold_address(p_address text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select lower(p_address collate "C")
$$;
ALTER FUNCTION credits._fold_address(p_address text) OWNER TO credits_owner;

CREATE FUNCTION credits._fold_dated_credits() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if new.remaining <> new.granted or not exists (
        select from credits.transactions t
        where t.user_id = new.user_id and t.id = new.id and t.type = 'grant' and t.amount = new.granted
    ) then
        raise exception using
            errcode = 'UC017',
            message = 'Dated credits need the ledger row that granted them',
            hint = 'Grant credits with credits.grant_credits';
    end if;
    perform credits._note_next_expiry(new.user_id);
    return null;
end
$$;
ALTER FUNCTION credits._fold_dated_credits() OWNER TO credits_owner;

CREATE FUNCTION credits._fold_dated_movement() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update credits.dated_credits set remaining = remaining + new.amount
    where user_id = new.user_id and id = new.dated_id;
    perform credits._note_next_expiry(new.user_id);
    return null;
end
$$;
ALTER FUNCTION credits._fold_dated_movement() OWNER TO credits_owner;

CREATE FUNCTION credits._fold_reservation() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_held numeric := case
        when tg_op = 'INSERT' then new.amount
        when old.status = 'held' and new.status <> 'held' then -new.amount
        else 0
    end;
    v_now constant timestamptz := credits._now();
    v_new integer := case when tg_op = 'INSERT' then 1 else 0 end;
begin
    if v_held = 0 then
        return null;
    end if;
    if new.organization_id is null then
        update credits.balances
        set
            balance = balance - v_held,
            reserved = reserved + v_held,
            reservations_count = reservations_count + v_new,
            updated_at = greatest(v_now, updated_at + interval '1 microsecond')
        where user_id = new.account_id;
    else
        update credits.guild_pools
        set
            balance = balance - v_held,
            reserved = reserved + v_held,
            reservations_count = reservations_count + v_new,
            updated_at = greatest(v_now, updated_at + interval '1 microsecond')
        where organization_id = new.account_id;
        insert into credits.guild_member_spending (organization_id, user_id, day, spent)
        values (new.organization_id, new.user_id, new.spending_day, 0)
        on conflict (organization_id, user_id, day) do nothing;
        update credits.guild_member_spending
        set reserved = reserved + v_held
        where organization_id = new.organization_id and user_id = new.user_id and day = new.spending_day;
        if tg_op = 'INSERT' then
            perform credits._check_limits(new.organization_id, new.user_id, new.spending_day, new.amount);
        end if;
    end if;
    return null;
end
$$;
ALTER FUNCTION credits._fold_reservation() OWNER TO credits_owner;

CREATE FUNCTION credits._fold_usage(p_user_id text, p_before uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_mark uuid;
    v_last uuid;
begin
    select last_id into v_mark from credits.usage_marks where user_id = p_user_id;
    v_mark := coalesce(v_mark, '00000000-0000-0000-0000-000000000000');
    select id into v_last
    from credits.transactions
    where user_id = p_user_id and id > v_mark and id < p_before
    order by id desc
    limit 1;
    if not found then
        return;
    end if;
    insert into credits.usage_folds as f (user_id, app_id, date, credits_used, transactions_count)
    select t.user_id, t.app_id, (t.created_at at time zone 'UTC')::date as date, -sum(t.amount), count(*)
    from credits.transactions t
    where t.user_id = p_user_id and t.id > v_mark and t.id <= v_last and t.type = 'usage'
    group by t.user_id, t.app_id, (t.created_at at time zone 'UTC')::date
    on conflict (user_id, date, app_id) do update
        set
            credits_used = f.credits_used + excluded.credits_used,
            transactions_count = f.transactions_count + excluded.transactions_count;
    insert into credits.usage_marks (user_id, last_id)
    values (p_user_id, v_last)
    on conflict (user_id) do update set last_id = excluded.last_id;
end
$$;
ALTER FUNCTION credits._fold_usage(p_user_id text, p_before uuid) OWNER TO credits_owner;

CREATE FUNCTION credits._forfeit(p_user_id text) RETURNS numeric
    LANGUAGE plpgsql
    AS $$
declare
    v_balance credits.balances;
    v_forfeited numeric := 0;
    v_change numeric;
begin
    select * into v_balance from credits.balances where user_id = p_user_id;
    if credits._is_pseudonym(p_user_id) then
        select coalesce(-sum(t.amount), 0) into v_forfeited
        from credits.transactions t
        where t.user_id = p_user_id and t.type = 'erasure';
    end if;
    -- What was forfeited pays for what Stripe takes back later: it went once.
    v_change := greatest(v_balance.balance, -v_forfeited);
    if v_change <> 0 then
        perform credits._post_transaction(v_balance, 'erasure', -v_change, '', p_reversal => v_change < 0);
    end if;
    return v_change;
end
$$;
ALTER FUNCTION credits._forfeit(p_user_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._give_back_dated(p_user_id text, p_cause_id uuid, p_total numeric, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_taken numeric;
    v_returned numeric;
    v_dated record;
    v_left numeric;
begin
    select
        coalesce(-sum(amount) filter (where amount < 0), 0),
        coalesce(sum(amount) filter (where amount > 0), 0)
    into v_taken, v_returned
    from credits.dated_movements
    where user_id = p_user_id and cause_id = p_cause_id;
    if v_taken = v_returned then
        return;
    end if;
    -- In the reverse order of taking: first what was undated, then what expires last.
    v_left := p_amount - ((p_total - v_taken) - (p_given_before - v_returned));
    for v_dated in
        select m.dated_id, -sum(m.amount) as taken
        from credits.dated_movements m
        join credits.dated_credits d on d.user_id = m.user_id and d.id = m.dated_id
        where m.user_id = p_user_id and m.cause_id = p_cause_id
        group by m.dated_id, d.expires_at
        having sum(m.amount) < 0
        order by d.expires_at desc, m.dated_id desc
    loop
        exit when v_left <= 0;
        insert into credits.dated_movements (user_id, id, dated_id, cause_id, amount, created_at)
        values (p_user_id, credits._new_id(), v_dated.dated_id, p_cause_id, least(v_left, v_dated.taken), p_at);
        v_left := v_left - v_dated.taken;
    end loop;
    perform credits._repay_from_dated(p_user_id, p_at);
end
$$;
ALTER FUNCTION credits._give_back_dated(p_user_id text, p_cause_id uuid, p_total numeric, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits._guild_movement(p_row credits.guild_transactions, p_replayed boolean) RETURNS credits.guild_movement
    LANGUAGE sql IMMUTABLE
    AS $$
    select row(
        p_row.id, p_row.organization_id, p_row.user_id, p_row.type, p_row.amount, p_row.balance_before, p_row.balance_after,
        p_row.app_id, p_row.description, p_row.metadata, p_row.idempotency_key, p_row.created_at,
        p_row.balance_after - p_row.reserved_after, p_row.balance_after + p_row.total_spent_after,
        p_row.total_spent_after, p_row.reserved_after, p_replayed
    )::credits.guild_movement
$$;
ALTER FUNCTION credits._guild_movement(p_row credits.guild_transactions, p_replayed boolean) OWNER TO credits_owner;

CREATE FUNCTION credits._has_overdue_holds(p_account_id text) RETURNS boolean
    LANGUAGE sql
    AS $$
    select exists (
        select from credits.reservations r
        where r.account_id = p_account_id and r.status = 'held' and r.expires_at <= credits._now()
    )
$$;
ALTER FUNCTION credits._has_overdue_holds(p_account_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._hold(p_terms credits.reservations, p_available numeric) RETURNS credits.reservations
    LANGUAGE plpgsql
    AS $$
declare
    v_held credits.reservations;
begin
    if p_available < p_terms.amount then
        perform credits._refuse_insufficient(p_terms.amount, p_available);
    end if;
    insert into credits.reservations (
        account_id, id, user_id, organization_id, amount, app_id, reason, idempotency_key, continues, spending_day,
        balance_after_hold, created_at, expires_at
    )
    values (
        coalesce(p_terms.organization_id, p_terms.user_id), credits._new_id(), p_terms.user_id, p_terms.organization_id,
        p_terms.amount, p_terms.app_id, p_terms.reason, p_terms.idempotency_key, p_terms.continues,
        case when p_terms.organization_id is not null then credits._limits_day() end,
        p_available - p_terms.amount, p_terms.created_at, p_terms.expires_at
    )
    returning * into v_held;
    if v_held.organization_id is null then
        perform credits._take_dated(v_held.account_id, v_held.id, v_held.amount, v_held.created_at);
    end if;
    return v_held;
end
$$;
ALTER FUNCTION credits._hold(p_terms credits.reservations, p_available numeric) OWNER TO credits_owner;

CREATE FUNCTION credits._holds_between(p_user_id text, p_from timestamp with time zone, p_to timestamp with time zone) RETURNS SETOF credits.reservations
    LANGUAGE sql STABLE ROWS 10
    AS $$
    select r.*
    from credits.reservations r
    where r.account_id = p_user_id
        and r.organization_id is null
        and r.id >= credits._id_floor(p_from - interval '720 hours')
        and r.id < credits._id_floor(p_to + interval '1 second')
    union all
    -- Only what was extended lasts longer than 30 days. In hours above: a day of the session's time zone may have 23 or 25 of them.
    select r.*
    from credits.reservations r
    where r.account_id = p_user_id
        and r.organization_id is null
        and r.id < credits._id_floor(p_from - interval '720 hours')
        and r.expires_at - r.created_at > interval '30 days'
        and r.expires_at > p_from
$$;
ALTER FUNCTION credits._holds_between(p_user_id text, p_from timestamp with time zone, p_to timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits._id_after(p_last uuid, p_id uuid) RETURNS uuid
    LANGUAGE plpgsql IMMUTABLE
    AS $$
declare
    v_last text;
    v_ordered text;
begin
    if p_last is null or p_id > p_last then
        return p_id;
    end if;
    -- The clock went back (or two rows share a tick): count on from the last id's 60 bits of time, so that order never breaks.
    v_last := replace(p_last::text, '-', '');
    v_ordered := lpad(
        to_hex((('x' || substr(v_last, 1, 12) || substr(v_last, 14, 3))::bit(60)::bigint) + 1), 15, '0'
    );
    return (
        substr(v_ordered, 1, 12) || '7' || substr(v_ordered, 13, 3) || substr(replace(p_id::text, '-', ''), 17)
    )::uuid;
end
$$;
ALTER FUNCTION credits._id_after(p_last uuid, p_id uuid) OWNER TO credits_owner;

CREATE FUNCTION credits._id_floor(p_at timestamp with time zone) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case
        when p_at <= '1970-01-01 00:00:00+00' then '00000000-0000-0000-0000-000000000000'
        when p_at >= '9999-01-01 00:00:00+00' then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
        else (lpad(to_hex(floor(extract(epoch from p_at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
    end
$$;
ALTER FUNCTION credits._id_floor(p_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits._is_amount(p_amount numeric) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select p_amount > 0 and p_amount <= 999999999.999999 and p_amount = round(p_amount, 6)
$$;
ALTER FUNCTION credits._is_amount(p_amount numeric) OWNER TO credits_owner;

CREATE FUNCTION credits._is_email(p_email text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    select char_length(p_email) <= 254
        and credits._plain_spaces(p_email) ~
            '^[^ @()<>\[\],:;"\\\u0001-\u001f\u007f-\u009f]+@[^ .@()<>\[\],:;"\\\u0001-\u001f\u007f-\u009f]+(\.[^ .@()<>\[\],:;"\\\u0001-\u001f\u007f-\u009f]+)*$'
$_$;
ALTER FUNCTION credits._is_email(p_email text) OWNER TO credits_owner;

CREATE FUNCTION credits._is_erasure(p_old jsonb, p_new jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    select
        credits._is_pseudonym(coalesce(p_new ->> 'user_id', p_new ->> 'redeemer_user_id'))
        and bool_and(
            case
                when n.value = o.value then true
                when o.key in ('user_id', 'account_id', 'redeemer_user_id') then credits._is_pseudonym(n.value #>> '{}')
                when o.key in ('description', 'reason') then n.value = '""'
                when o.key = 'metadata' then n.value = '{}'
                when o.key in ('idempotency_key', 'request_id') then n.value = 'null'
                when o.key = 'reference_id' then n.value = 'null' and p_old ->> 'type' = 'grant'
                else false
            end
        )
    from jsonb_each(p_old) o
    join jsonb_each(p_new) n on n.key = o.key
$$;
ALTER FUNCTION credits._is_erasure(p_old jsonb, p_new jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits._is_id(p_id text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select p_id <> '' and char_length(p_id) <= 128 and p_id !~ '[\u0001-\u001f\u007f-\u009f]'
$$;
ALTER FUNCTION credits._is_id(p_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._is_metadata(p_metadata jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    select p_metadata = '{}'
        or jsonb_typeof(p_metadata) = 'object'
        -- First of the two, since a short number can be a long text.
        and not jsonb_path_exists(p_metadata, 'strict $.** ? (@ >= 1e308 || @ <= -1e308)')
        and (
            octet_length(p_metadata::text) <= 65536
            -- jsonb prints a space after each colon and comma that the caller need not have sent: outside of strings, all spaces are those.
            or octet_length(p_metadata::text) <= 131072
            and octet_length(p_metadata::text)
                - regexp_count(regexp_replace(p_metadata::text, '"([^"\\]|\\.)*"', '', 'g'), ' ') <= 65536
        )
$_$;
ALTER FUNCTION credits._is_metadata(p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits._is_present_id(p_id uuid, p_at timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select substr(p_id::text, 15, 1) = '7' and p_id < credits._id_floor(p_at + interval '1 minute')
$$;
ALTER FUNCTION credits._is_present_id(p_id uuid, p_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits._is_pseudonym(p_id text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select p_id like 'erased:%'
$$;
ALTER FUNCTION credits._is_pseudonym(p_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._is_use(p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select credits._is_amount(p_amount)
        and credits._is_id(p_app_id)
        and credits._clean_text(p_description) = p_description
        and (p_idempotency_key is null or char_length(p_idempotency_key) between 1 and 255)
        and p_metadata = '{}'
$$;
ALTER FUNCTION credits._is_use(p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits._limits_day() RETURNS date
    LANGUAGE sql STABLE
    AS $$
    select (credits._now() at time zone s.limits_time_zone)::date from credits.settings s
$$;
ALTER FUNCTION credits._limits_day() OWNER TO credits_owner;

CREATE FUNCTION credits._lock_balance(p_user_id text, p_create boolean) RETURNS credits.balances
    LANGUAGE plpgsql
    AS $$
declare
    v_balance credits.balances;
begin
    if p_create then
        perform credits._refuse_pseudonym(p_user_id);
    end if;
    select * into v_balance from credits.balances where user_id = p_user_id for no key update;
    -- More than once only if the account is erased right after somebody else has made it.
    while not found and p_create loop
        perform credits._open_account(p_user_id);
        select * into v_balance from credits.balances where user_id = p_user_id for no key update;
    end loop;
    if v_balance.reserved > 0 or v_balance.next_expiry <= credits._now() then
        v_balance := credits._settle_balance(p_user_id);
    end if;
    return v_balance;
end
$$;
ALTER FUNCTION credits._lock_balance(p_user_id text, p_create boolean) OWNER TO credits_owner;

CREATE FUNCTION credits._lock_person(p_user_id text, p_email text, OUT addresses bytea[], OUT gifts_by_them text[], OUT gifts_for_them text[], OUT purchases uuid[], OUT pools text[], OUT has_account boolean) RETURNS record
    LANGUAGE plpgsql
    AS $$
declare
    v_matrix_ids text[];
begin
    loop
        begin
            addresses := credits._addresses_of(p_user_id, p_email);
            v_matrix_ids := credits._matrix_ids_of(p_user_id);
            select
                coalesce(array_agg(g.code) filter (where g.creator_id = p_user_id), '{}'),
                coalesce(array_agg(g.code) filter (where g.for_them or g.target_matrix_id = any (v_matrix_ids)), '{}')
            into gifts_by_them, gifts_for_them
            from (
                select *, c.target_hash = any (addresses) as for_them
                from gifts.gift_codes c
                where c.code in (
                    select by_them.code from gifts.gift_codes by_them where by_them.creator_id = p_user_id
                    union all
                    select f.code from gifts.gift_codes f where f.target_hash = any (addresses)
                    union all
                    select f.code from gifts.gift_codes f where f.target_matrix_id = any (v_matrix_ids)
                    union all
                    select r.code
                    from gifts.gift_redemptions r
                    join gifts.gift_codes f on f.code = r.code
                    where r.redeemer_user_id = p_user_id and r.status = 'success'
                        and (f.target_email is not null or f.target_matrix_id is not null)
                )
                order by c.code
                for no key update
            ) g;
            select coalesce(array_agg(p.id), '{}') into purchases
            from (
                select id from credits.purchases where user_id = p_user_id order by id for no key update
            ) p;
            select coalesce(array_agg(o.organization_id order by o.organization_id), '{}') into pools
            from (
                select t.organization_id from credits.guild_transactions t where t.user_id = p_user_id
                union
                select r.organization_id::text from credits.reservations r
                where r.user_id = p_user_id and r.organization_id is not null
            ) o;
            perform credits._lock_pool(o.organization_id) from unnest(pools) o (organization_id);
            has_account := (credits._lock_balance(p_user_id, p_create => false)).user_id is not null;
            -- What came about while a lock was waited for has to be locked too, in the same order.
            if has_account and (
                not credits._addresses_of(p_user_id, p_email) <@ addresses
                or not credits._matrix_ids_of(p_user_id) <@ v_matrix_ids
                or exists (
                    select from gifts.gift_codes g where g.creator_id = p_user_id and g.code <> all (gifts_by_them)
                ) or exists (
                    select from credits.purchases p
                    where p.user_id = p_user_id and p.status = 'completed' and p.id <> all (purchases)
                ) or exists (
                    select from credits.guild_transactions t
                    where t.user_id = p_user_id and t.type = 'funding' and t.organization_id <> all (pools)
                )
            ) then
                raise exception using errcode = 'UX001', message = 'taken back';
            end if;
            return;
        exception when sqlstate 'UX001' then
            null;
        end;
    end loop;
end
$$;
ALTER FUNCTION credits._lock_person(p_user_id text, p_email text, OUT addresses bytea[], OUT gifts_by_them text[], OUT gifts_for_them text[], OUT purchases uuid[], OUT pools text[], OUT has_account boolean) OWNER TO credits_owner;

CREATE FUNCTION credits._lock_pool(p_organization_id text) RETURNS credits.guild_pools
    LANGUAGE plpgsql
    AS $$
declare
    v_pool credits.guild_pools;
begin
    select * into v_pool from credits.guild_pools where organization_id = p_organization_id for no key update;
    if not found then
        perform credits._check_id('organizationId', p_organization_id);
        perform credits._refuse_unknown_pool(p_organization_id);
    end if;
    if v_pool.reserved > 0 then
        v_pool := credits._settle_pool(p_organization_id);
    end if;
    return v_pool;
end
$$;
ALTER FUNCTION credits._lock_pool(p_organization_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._lock_purchase(p_user_id text, p_purchase_id uuid) RETURNS credits.purchases
    LANGUAGE plpgsql
    AS $$
declare
    v_purchase credits.purchases;
begin
    select * into v_purchase from credits.purchases where user_id = p_user_id and id = p_purchase_id for no key update;
    if not found then
        -- Begun by somebody who has been erased since: the pseudonym has it now.
        select * into v_purchase
        from credits.purchases
        where credits._is_pseudonym(user_id) and id = p_purchase_id
        for no key update;
    end if;
    return v_purchase;
end
$$;
ALTER FUNCTION credits._lock_purchase(p_user_id text, p_purchase_id uuid) OWNER TO credits_owner;

CREATE FUNCTION credits._lock_reservation(p_reservation_id uuid) RETURNS credits.reservations
    LANGUAGE plpgsql
    AS $$
declare
    v_first credits.reservations;
    v_held credits.reservations;
begin
    -- First whose it is, then that account's lock, then the reservation as it is under the lock.
    select * into v_first from credits.reservations where id = p_reservation_id and continues is null;
    if found and v_first.organization_id is null then
        perform credits._lock_balance(v_first.account_id, p_create => false);
    elsif found then
        perform credits._lock_pool(v_first.account_id);
    end if;
    select * into v_held
    from credits.reservations
    where account_id = v_first.account_id and continues = p_reservation_id
    order by id desc
    limit 1
    for no key update;
    if found then
        return v_held;
    end if;
    select * into v_held
    from credits.reservations
    where account_id = v_first.account_id and id = p_reservation_id
    for no key update;
    if not found and exists (
        select from credits.reservations r where r.id = p_reservation_id and r.account_id <> v_first.account_id
    ) then
        -- Its owner has been erased while the lock was waited for: the pseudonym has it now.
        return credits._lock_reservation(p_reservation_id);
    end if;
    if not found then
        raise exception using
            errcode = 'UC011',
            message = 'There is no such reservation',
            detail = json_build_object('reservationId', p_reservation_id)::text,
            hint = 'Take the reservationId that credits.reserve_credits returned';
    end if;
    return v_held;
end
$$;
ALTER FUNCTION credits._lock_reservation(p_reservation_id uuid) OWNER TO credits_owner;

CREATE FUNCTION credits._matrix_ids_of(p_user_id text) RETURNS text[]
    LANGUAGE sql STABLE
    AS $$
    -- The id let them redeem the gift; where an address is named too it may have been that.
    select coalesce(array_agg(distinct g.target_matrix_id), '{}')
    from gifts.gift_redemptions r
    join gifts.gift_codes g on g.code = r.code
    where r.redeemer_user_id = p_user_id and r.status = 'success'
        and g.target_email is null
        and g.target_matrix_id <> '' and not credits._is_pseudonym(g.target_matrix_id)
$$;
ALTER FUNCTION credits._matrix_ids_of(p_user_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._member_spending(p_organization_id text, p_user_id text, p_day date) RETURNS TABLE(today numeric, this_month numeric)
    LANGUAGE sql STABLE ROWS 1
    AS $$
    select
        coalesce(sum(s.spent + s.reserved) filter (where s.day = p_day), 0),
        coalesce(sum(s.spent + s.reserved), 0)
    from credits.guild_member_spending s
    where s.organization_id = p_organization_id
        and s.user_id = p_user_id
        and s.day between date_trunc('month', p_day::timestamp)::date and p_day
$$;
ALTER FUNCTION credits._member_spending(p_organization_id text, p_user_id text, p_day date) OWNER TO credits_owner;

CREATE FUNCTION credits._movement(p_row credits.transactions, p_replayed boolean) RETURNS credits.movement
    LANGUAGE sql IMMUTABLE
    AS $$
    select row(
        p_row.id, p_row.user_id, p_row.type, p_row.status, p_row.amount, p_row.balance_before, p_row.balance_after,
        p_row.app_id, p_row.description, p_row.metadata, p_row.idempotency_key, p_row.guild_id, p_row.created_at,
        p_row.completed_at, p_row.balance_after - p_row.reserved_after, p_row.balance_after + p_row.total_spent_after,
        p_row.total_spent_after, p_row.reserved_after, p_replayed
    )::credits.movement
$$;
ALTER FUNCTION credits._movement(p_row credits.transactions, p_replayed boolean) OWNER TO credits_owner;

CREATE FUNCTION credits._new_id() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    AS $$select pg_catalog.uuidv7()$$;
ALTER FUNCTION credits._new_id() OWNER TO credits_owner;

CREATE FUNCTION credits._next_id(p_last uuid) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
begin
    return credits._id_after(p_last, credits._new_id());
end
$$;
ALTER FUNCTION credits._next_id(p_last uuid) OWNER TO credits_owner;

CREATE FUNCTION credits._note_next_expiry(p_user_id text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    update credits.balances
    set next_expiry = (
        select min(d.expires_at) from credits.dated_credits d where d.user_id = p_user_id and d.remaining > 0
    )
    where user_id = p_user_id;
end
$$;
ALTER FUNCTION credits._note_next_expiry(p_user_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._now() RETURNS timestamp with time zone
    LANGUAGE sql PARALLEL SAFE
    AS $$select pg_catalog.clock_timestamp()$$;
ALTER FUNCTION credits._now() OWNER TO credits_owner;

CREATE FUNCTION credits._open_account(p_user_id text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if not exists (select from credits.balances b where b.user_id = p_user_id) then
        perform credits._refuse_pseudonym(p_user_id);
    end if;
    insert into credits.balances (user_id) values (p_user_id) on conflict (user_id) do nothing;
end
$$;
ALTER FUNCTION credits._open_account(p_user_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._plain_spaces(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select translate(
        p_text,
        E'\t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
        repeat(' ', 24)
    )
$$;
ALTER FUNCTION credits._plain_spaces(p_text text) OWNER TO credits_owner;

CREATE FUNCTION credits._post_commit(p_held credits.reservations, p_description text, p_metadata jsonb) RETURNS credits.reservations
    LANGUAGE plpgsql
    AS $$
declare
    v_balance credits.balances;
    v_pool credits.guild_pools;
    v_row credits.transactions;
    v_pool_row credits.guild_transactions;
    v_held credits.reservations;
    v_day date;
begin
    if p_held.organization_id is null then
        select * into v_balance from credits.balances where user_id = p_held.account_id;
        -- Dated credits were taken when the hold was made, and given back when it was past its time.
        v_row := credits._post_transaction(
            v_balance, 'usage', -p_held.committed_amount, p_description, p_held.app_id, p_metadata => p_metadata,
            p_reference_id => p_held.id::text, p_take_dated => p_held.committed_late
        );
        if p_held.committed_amount < p_held.amount and not p_held.committed_late then
            perform credits._give_back_dated(
                p_held.account_id, p_held.id, p_held.amount, 0, p_held.amount - p_held.committed_amount,
                p_held.ended_at
            );
            perform credits._expire_dated(p_held.account_id);
        end if;
        select * into v_balance from credits.balances where user_id = p_held.account_id;
    else
        select * into v_pool from credits.guild_pools where organization_id = p_held.account_id;
        v_day := case when p_held.committed_late then credits._limits_day() else p_held.spending_day end;
        v_pool_row := credits._post_guild_transaction(
            v_pool, p_held.user_id, 'usage', -p_held.committed_amount, p_description, p_held.app_id,
            p_metadata => p_metadata, p_reference_id => p_held.id::text, p_spending_day => v_day
        );
        -- What was held was allowed when it was set aside.
        if p_held.committed_late then
            perform credits._check_limits(p_held.organization_id, p_held.user_id, v_day, p_held.committed_amount);
        end if;
        select * into v_pool from credits.guild_pools where organization_id = p_held.account_id;
    end if;
    update credits.reservations
    set
        transaction_id = coalesce(v_row.id, v_pool_row.id),
        balance_after_end = coalesce(v_balance.balance, v_pool.balance)
    where account_id = p_held.account_id and id = p_held.id
    returning * into v_held;
    return v_held;
end
$$;
ALTER FUNCTION credits._post_commit(p_held credits.reservations, p_description text, p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits._post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb, p_reference_id text DEFAULT NULL::text, p_reversal boolean DEFAULT false, p_spending_day date DEFAULT NULL::date, p_id uuid DEFAULT NULL::uuid) RETURNS credits.guild_transactions
    LANGUAGE plpgsql
    AS $$
declare
    v_owned numeric := p_pool.balance + p_pool.reserved;
    v_row credits.guild_transactions;
begin
    -- What is held counts: it comes back to the pool when the hold ends.
    if p_amount > 0 and v_owned + p_amount > 999999999999.999999 then
        perform credits._refuse_too_large(v_owned, p_amount);
    end if;
    if p_type <> 'usage' or p_reference_id is not null then
        -- The other side is written next, whatever the caller has set for the constraints of its own.
        set constraints credits.check_guild_counterpart deferred;
    end if;
    insert into credits.guild_transactions (
        organization_id, id, user_id, type, amount, reversal, spending_day, app_id, description, metadata, idempotency_key,
        reference_id
    )
    values (
        p_pool.organization_id, p_id, p_user_id, p_type, p_amount, p_reversal, p_spending_day, p_app_id, p_description, p_metadata,
        p_idempotency_key, p_reference_id
    )
    returning * into v_row;
    return v_row;
end
$$;
ALTER FUNCTION credits._post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid) OWNER TO credits_owner;

CREATE FUNCTION credits._post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb, p_guild_id text DEFAULT NULL::text, p_reference_id text DEFAULT NULL::text, p_reversal boolean DEFAULT false, p_take_dated boolean DEFAULT true) RETURNS credits.transactions
    LANGUAGE plpgsql
    AS $$
declare
    v_owned numeric := p_balance.balance + p_balance.reserved;
    v_row credits.transactions;
begin
    -- What is held counts: it comes back to the balance when the hold ends.
    if p_amount > 0 and v_owned + p_amount > 999999999999.999999 then
        perform credits._refuse_too_large(v_owned, p_amount);
    end if;
    if p_type <> 'usage' or p_reference_id is not null then
        -- The other side is written next, whatever the caller has set for the constraints of its own.
        set constraints credits.check_counterpart deferred;
    end if;
    insert into credits.transactions (
        user_id, type, amount, reversal, app_id, description, metadata, idempotency_key, guild_id, reference_id
    )
    values (
        p_balance.user_id, p_type, p_amount, p_reversal, p_app_id, p_description, p_metadata, p_idempotency_key, p_guild_id,
        p_reference_id
    )
    returning * into v_row;
    if p_amount < 0 and p_take_dated and p_balance.next_expiry is not null then
        perform credits._take_dated(p_balance.user_id, v_row.id, -p_amount, v_row.created_at);
    end if;
    return v_row;
end
$$;
ALTER FUNCTION credits._post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean, p_take_dated boolean) OWNER TO credits_owner;

CREATE FUNCTION credits._protect_address_key() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception using
        errcode = 'UC017',
        message = 'The key of the addresses stays as it is',
        hint = 'With another one no erasure would find the gifts for the people who were met before';
end
$$;
ALTER FUNCTION credits._protect_address_key() OWNER TO credits_owner;

CREATE FUNCTION credits._protect_amounts() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    -- Not in the trigger's WHEN, which PostgreSQL parses anew in every statement: every debit passes here.
    if current_setting('credits.posting', true) = 'direct' or pg_trigger_depth() > 1 then
        return null;
    end if;
    perform credits._refuse_direct_write(tg_table_schema, tg_table_name);
    return null;
end
$$;
ALTER FUNCTION credits._protect_amounts() OWNER TO credits_owner;

CREATE FUNCTION credits._protect_balances() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if tg_op = 'UPDATE' then
        if credits._is_erasure(to_jsonb(old), to_jsonb(new)) then
            return new;
        end if;
    end if;
    perform credits._refuse_direct_write(tg_table_schema, tg_table_name);
    return null;
end
$$;
ALTER FUNCTION credits._protect_balances() OWNER TO credits_owner;

CREATE FUNCTION credits._protect_ledger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if tg_op = 'UPDATE' then
        if credits._is_erasure(to_jsonb(old), to_jsonb(new)) then
            return new;
        end if;
    end if;
    raise exception using
        errcode = 'UC017',
        message = format('Rows of %I.%I are never changed or deleted', tg_table_schema, tg_table_name),
        hint = 'Correct a mistake by a new row: a refund or a grant';
end
$$;
ALTER FUNCTION credits._protect_ledger() OWNER TO credits_owner;

CREATE FUNCTION credits._protect_purchases() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception using
        errcode = 'UC017',
        message = 'What was bought, its price and a completed payment never change',
        hint = 'Correct a mistake by a new ledger row: a refund or a grant';
end
$$;
ALTER FUNCTION credits._protect_purchases() OWNER TO credits_owner;

CREATE FUNCTION credits._protect_reservations() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if tg_op = 'INSERT' then
        if new.status = 'held' then
            return new;
        end if;
    elsif tg_op = 'UPDATE' then
        if (
                old.id, old.organization_id, old.amount, old.app_id, old.spending_day, old.called_by, old.created_at,
                old.balance_after_hold, old.continues
            ) is not distinct from (
                new.id, new.organization_id, new.amount, new.app_id, new.spending_day, new.called_by, new.created_at,
                new.balance_after_hold, new.continues
            )
            and (
                (old.expires_at, old.extended_at, old.first_expires_at)
                    is not distinct from (new.expires_at, new.extended_at, new.first_expires_at)
                or (
                    (old.status, new.status) = ('held', 'held')
                    and new.extended_at is not null
                    and new.first_expires_at = coalesce(old.first_expires_at, old.expires_at)
                )
            )
            and (
                case old.status
                    when 'held' then not new.committed_late
                    when 'expired' then old.ended_at = new.ended_at
                        and new.status <> 'held' and new.committed_late = (new.status = 'committed')
                    else (old.status, old.committed_amount, old.committed_late, old.ended_at)
                        = (new.status, new.committed_amount, new.committed_late, new.ended_at)
                end
            )
            and (old.transaction_id is null or old.transaction_id = new.transaction_id)
            and (old.user_id = new.user_id or (credits._is_pseudonym(new.user_id) and old.status <> 'held'))
        then
            return new;
        end if;
    end if;
    raise exception using
        errcode = 'UC017',
        message = 'A reservation is made once and ends once',
        hint = 'Use credits.reserve_credits, credits.extend_reservation, credits.commit_reservation and credits.release_reservation';
end
$$;
ALTER FUNCTION credits._protect_reservations() OWNER TO credits_owner;

CREATE FUNCTION credits._protect_settings() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if tg_op = 'UPDATE' and exists (select from pg_timezone_names where name = new.limits_time_zone) then
        return new;
    end if;
    raise exception using
        errcode = 'UC017',
        message = 'The settings stay, and name a time zone that the server knows',
        hint = 'Take a name such as Europe/Berlin';
end
$$;
ALTER FUNCTION credits._protect_settings() OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_direct_write(p_schema text, p_table text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception using
        errcode = 'UC017',
        message = format('%I.%I follows its ledger and is never written directly', p_schema, p_table),
        hint = 'Move credits with the functions of the schemas credits and gifts';
end
$$;
ALTER FUNCTION credits._refuse_direct_write(p_schema text, p_table text) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_ended(p_held credits.reservations) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if p_held.status = 'held' or (p_held.status = 'expired' and not credits._is_pseudonym(p_held.user_id)) then
        return;
    end if;
    raise exception using
        errcode = case p_held.status when 'released' then 'UC012' when 'committed' then 'UC013' else 'UC014' end,
        message = format('This reservation is already %s', p_held.status),
        detail = json_build_object('reservationId', coalesce(p_held.continues, p_held.id), 'status', p_held.status)::text,
        hint = 'Make a new reservation';
end
$$;
ALTER FUNCTION credits._refuse_ended(p_held credits.reservations) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_insufficient(p_required numeric, p_available numeric) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC002',
        message = 'Insufficient credits',
        detail = json_build_object('required', trim_scale(p_required), 'available', trim_scale(coalesce(p_available, 0)))::text,
        hint = 'Buy or receive credits first, or ask for less';
end
$$;
ALTER FUNCTION credits._refuse_insufficient(p_required numeric, p_available numeric) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_invalid(p_field text, p_problem text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC001',
        message = format('%s %s', p_field, p_problem),
        detail = json_build_object(p_field, p_problem)::text,
        hint = 'Correct the named field and call again';
end
$$;
ALTER FUNCTION credits._refuse_invalid(p_field text, p_problem text) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_key_of_reservation(p_account_id text, p_of_guild boolean, p_idempotency_key text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if exists (
        select from credits.reservations
        where account_id = p_account_id
            and (organization_id is not null) = p_of_guild
            and idempotency_key = p_idempotency_key
    ) then
        perform credits._refuse_reused_key(p_idempotency_key);
    end if;
end
$$;
ALTER FUNCTION credits._refuse_key_of_reservation(p_account_id text, p_of_guild boolean, p_idempotency_key text) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_over_cap(p_cap text, p_figures json) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC016',
        message = format('This service may not do that: it goes beyond its cap %s', p_cap),
        detail = (jsonb_build_object('cap', p_cap) || p_figures::jsonb)::text,
        hint = 'Have the service''s row in credits.service_caps changed';
end
$$;
ALTER FUNCTION credits._refuse_over_cap(p_cap text, p_figures json) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_over_limit(p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC003',
        message = format('The %s spending limit of this member would be exceeded', p_window),
        detail = json_build_object(
            'window', p_window,
            'limit', trim_scale(p_limit),
            'spent', trim_scale(p_spent),
            'requested', trim_scale(p_requested),
            'resetsAt', to_char(p_resets_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        )::text,
        hint = 'Wait until resetsAt, ask for less, or have the limit raised';
end
$$;
ALTER FUNCTION credits._refuse_over_limit(p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_part_of_erasure() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC017',
        message = 'A person is erased as a whole',
        hint = 'Use credits.erase_user';
end
$$;
ALTER FUNCTION credits._refuse_part_of_erasure() OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_pseudonym(p_user_id text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if credits._is_pseudonym(p_user_id) then
        perform credits._refuse_invalid('userId', 'must not begin with erased: as pseudonyms do');
    end if;
end
$$;
ALTER FUNCTION credits._refuse_pseudonym(p_user_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_reused_key(p_idempotency_key text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC004',
        message = 'This idempotency key was used for another request',
        detail = json_build_object('idempotencyKey', p_idempotency_key)::text,
        hint = 'Repeat the first request unchanged, or take a new key for a new request';
end
$$;
ALTER FUNCTION credits._refuse_reused_key(p_idempotency_key text) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_row(p_account text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception using
        errcode = 'UC017',
        message = format('A ledger row must be well-formed and continue the chain of %s', p_account),
        hint = 'Move credits with the functions of the schemas credits and gifts';
end
$$;
ALTER FUNCTION credits._refuse_row(p_account text) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_too_large(p_balance numeric, p_amount numeric) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC008',
        message = 'The balance would grow beyond 999999999999.999999 credits',
        detail = json_build_object('balance', trim_scale(p_balance), 'amount', trim_scale(p_amount))::text,
        hint = 'Spend first, or credit another account';
end
$$;
ALTER FUNCTION credits._refuse_too_large(p_balance numeric, p_amount numeric) OWNER TO credits_owner;

CREATE FUNCTION credits._refuse_unknown_pool(p_organization_id text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC005',
        message = 'This guild has no credit pool',
        detail = json_build_object('organizationId', p_organization_id)::text,
        hint = 'Create the pool with credits.init_guild_pool first';
end
$$;
ALTER FUNCTION credits._refuse_unknown_pool(p_organization_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._remember_address(p_user_id text, p_address text) RETURNS void
    LANGUAGE sql
    AS $$
    insert into credits.known_addresses (user_id, address_hash)
    select p_user_id, credits._address_hash(p_address, k.key)
    from credits.address_key k
    where credits._is_email(p_address) and not credits._is_pseudonym(p_user_id)
    on conflict do nothing
$$;
ALTER FUNCTION credits._remember_address(p_user_id text, p_address text) OWNER TO credits_owner;

CREATE FUNCTION credits._repay_from_dated(p_user_id text, p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_dated credits.dated_credits;
    v_excess numeric;
begin
    select sum(d.remaining) - greatest(b.balance, 0) into v_excess
    from credits.dated_credits d
    join credits.balances b on b.user_id = d.user_id
    where d.user_id = p_user_id and d.remaining > 0
    group by b.balance;
    if v_excess > 0 is not true then
        return;
    end if;
    for v_dated in
        select * from credits.dated_credits
        where user_id = p_user_id and remaining > 0
        order by expires_at, id
    loop
        exit when v_excess <= 0;
        insert into credits.dated_movements (user_id, id, dated_id, cause_id, amount, created_at)
        values (
            p_user_id, credits._new_id(), v_dated.id, v_dated.id, -least(v_excess, v_dated.remaining), p_at
        );
        v_excess := v_excess - v_dated.remaining;
    end loop;
end
$$;
ALTER FUNCTION credits._repay_from_dated(p_user_id text, p_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits._restore_dated(p_debit credits.transactions, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_held credits.reservations;
begin
    if p_debit.type = 'usage' and p_debit.reference_id is not null then
        select * into v_held
        from credits.reservations
        where account_id = p_debit.user_id and id = p_debit.reference_id::uuid and not committed_late;
    end if;
    -- A reservation that was committed in time took its dated credits when it was made, for all that it held.
    if v_held.id is not null then
        perform credits._give_back_dated(
            p_debit.user_id, v_held.id, v_held.amount, v_held.amount - v_held.committed_amount + p_given_before, p_amount,
            p_at
        );
    else
        perform credits._give_back_dated(p_debit.user_id, p_debit.id, -p_debit.amount, p_given_before, p_amount, p_at);
    end if;
    perform credits._expire_dated(p_debit.user_id);
end
$$;
ALTER FUNCTION credits._restore_dated(p_debit credits.transactions, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits._rewrite_identity(p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[], p_addresses bytea[]) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
    v_rows integer;
    v_total integer := 0;
begin
    update credits.balances set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.transactions
    set
        user_id = p_pseudonym,
        description = '',
        metadata = '{}',
        idempotency_key = null,
        request_id = null,
        reference_id = case when type <> 'grant' then reference_id end
    where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.seals set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.usage_marks set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    update credits.usage_folds set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.dated_credits set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.dated_movements set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.reservations
    set
        account_id = case when organization_id is null then p_pseudonym else account_id end,
        user_id = p_pseudonym,
        reason = '',
        idempotency_key = null
    where user_id = p_user_id and (organization_id = any (p_pools) or (organization_id is null and p_has_account));
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.guild_member_spending set user_id = p_pseudonym
    where user_id = p_user_id and organization_id = any (p_pools);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.guild_transactions
    set user_id = p_pseudonym, description = '', metadata = '{}', idempotency_key = null, request_id = null
    where user_id = p_user_id and organization_id = any (p_pools);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    delete from credits.guild_spending_limits where user_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    -- Stripe knows the person still; the background work deletes them there.
    insert into credits.stripe_customer_deletions (stripe_customer_id)
    select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id
    union
    select p.stripe_customer_id from credits.purchases p
    where p.user_id = p_user_id and p.id = any (p_purchases) and p.stripe_customer_id is not null
    on conflict do nothing;
    update credits.purchases
    set
        user_id = p_pseudonym,
        stripe_customer_id = null,
        failure_reason = null,
        metadata = '{}',
        idempotency_key = null,
        request_digest = null
    where user_id = p_user_id and id = any (p_purchases);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.purchase_disputes set user_id = p_pseudonym
    where user_id = p_user_id and purchase_id = any (p_purchases);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    delete from credits.stripe_customers where user_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    delete from credits.known_addresses where user_id = p_user_id and address_hash = any (p_addresses);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    -- Not counted: they go by themselves within minutes.
    delete from credits.attempts where subject = p_user_id;
    perform credits._erase_events(p_user_id);
    update gifts.gift_codes
    set
        creator_id = p_pseudonym,
        creator_name = null,
        message = null,
        riddle_question = case when riddle_question is not null then '' end,
        riddle_answer_hash = case when riddle_answer_hash is not null then '' end,
        target_email = case when target_email is not null then '' end,
        target_hash = null,
        target_matrix_id = case when target_matrix_id is not null then '' end,
        request_digest = ''
    where creator_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update gifts.gift_codes g
    set
        target_email = case when g.target_email is not null then p_pseudonym end,
        target_hash = null,
        target_matrix_id = case when g.target_matrix_id is not null then p_pseudonym end,
        request_digest = ''
    where (g.target_email is not null or g.target_matrix_id is not null)
        and g.code in (
            select r.code from gifts.gift_redemptions r where r.redeemer_user_id = p_user_id and r.status = 'success'
        );
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update gifts.gift_redemptions set redeemer_user_id = p_pseudonym
    where redeemer_user_id = p_user_id and (p_has_account or status <> 'success');
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update gifts.gift_codes
    set target_email = p_pseudonym, target_hash = null, target_matrix_id = null, request_digest = ''
    where code = any (p_gifts_for_them);
    get diagnostics v_rows = row_count;
    return v_total + v_rows;
end
$$;
ALTER FUNCTION credits._rewrite_identity(p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[], p_addresses bytea[]) OWNER TO credits_owner;

CREATE FUNCTION credits._settle_balance(p_user_id text) RETURNS credits.balances
    LANGUAGE plpgsql
    AS $$
declare
    v_hold credits.reservations;
    v_balance credits.balances;
    v_now timestamptz;
begin
    for v_hold in
        select *
        from credits.reservations
        where account_id = p_user_id
            and organization_id is null
            and status = 'held'
            and expires_at <= credits._now()
        -- As they would have ended one after the other: what comes back first repays a debt.
        order by expires_at, id
    loop
        v_now := credits._now();
        update credits.reservations
        set status = 'expired', ended_at = v_now
        where account_id = p_user_id and id = v_hold.id
        returning * into v_hold;
        perform credits._emit_expiry(v_hold);
        perform credits._give_back_dated(p_user_id, v_hold.id, v_hold.amount, 0, v_hold.amount, v_hold.ended_at);
    end loop;
    perform credits._expire_dated(p_user_id);
    select * into v_balance from credits.balances where user_id = p_user_id;
    return v_balance;
end
$$;
ALTER FUNCTION credits._settle_balance(p_user_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._settle_pool(p_organization_id text) RETURNS credits.guild_pools
    LANGUAGE plpgsql
    AS $$
declare
    v_hold credits.reservations;
    v_pool credits.guild_pools;
    v_now constant timestamptz := credits._now();
begin
    for v_hold in
        update credits.reservations
        set status = 'expired', ended_at = v_now
        where account_id = p_organization_id
            and organization_id is not null
            and status = 'held'
            and expires_at <= v_now
        returning *
    loop
        perform credits._emit_expiry(v_hold);
    end loop;
    select * into v_pool from credits.guild_pools where organization_id = p_organization_id;
    return v_pool;
end
$$;
ALTER FUNCTION credits._settle_pool(p_organization_id text) OWNER TO credits_owner;

CREATE FUNCTION credits._shape(p_array anyarray) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case when cardinality(p_array) = 0 then '' else array_dims(p_array) end
$$;
ALTER FUNCTION credits._shape(p_array anyarray) OWNER TO credits_owner;

CREATE FUNCTION credits._spendable(p_held credits.reservations) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    select case
        when p_held.organization_id is null then (select b.balance from credits.balances b where b.user_id = p_held.account_id)
        else (select p.balance from credits.guild_pools p where p.organization_id = p_held.account_id)
    end
$$;
ALTER FUNCTION credits._spendable(p_held credits.reservations) OWNER TO credits_owner;

CREATE FUNCTION credits._spending_windows(p_organization_id text, p_user_id text, p_day date) RETURNS TABLE(daily_limit numeric, monthly_limit numeric, spent_today numeric, spent_this_month numeric, day_resets_at timestamp with time zone, month_resets_at timestamp with time zone)
    LANGUAGE sql STABLE ROWS 1
    AS $$
    select
        l.daily_limit,
        l.monthly_limit,
        coalesce(s.today, 0),
        coalesce(s.this_month, 0),
        credits._day_start(p_day + 1, z.limits_time_zone),
        credits._day_start((date_trunc('month', p_day::timestamp) + interval '1 month')::date, z.limits_time_zone)
    from credits.settings z
    left join credits.guild_spending_limits l on l.organization_id = p_organization_id and l.user_id = p_user_id
    cross join lateral (
        select
            sum(m.spent + m.reserved - o.overdue) filter (where m.day = p_day) as today,
            sum(m.spent + m.reserved - o.overdue) as this_month
        from credits.guild_member_spending m
        cross join lateral (
            -- Holds past their time no longer count, even where nobody has written that down yet.
            select coalesce(sum(r.amount), 0) as overdue
            from credits.reservations r
            where m.reserved > 0
                and r.account_id = m.organization_id
                and r.status = 'held'
                and r.expires_at <= credits._now()
                and r.organization_id is not null
                and r.user_id = m.user_id
                and r.spending_day = m.day
        ) o
        where m.organization_id = p_organization_id
            and m.user_id = p_user_id
            and m.day >= date_trunc('month', p_day::timestamp)::date
            and m.day <= p_day
    ) s
$$;
ALTER FUNCTION credits._spending_windows(p_organization_id text, p_user_id text, p_day date) OWNER TO credits_owner;

CREATE FUNCTION credits._standing_after(p_row credits.transactions) RETURNS credits.transactions
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_row credits.transactions := p_row;
    v_next credits.transactions;
begin
    loop
        select * into v_next
        from credits.transactions t
        where t.user_id = p_row.user_id and t.id > v_row.id
        order by t.id
        limit 1;
        exit when v_next.type is distinct from 'expiry' or not exists (
            select from credits.dated_credits d
            where d.user_id = p_row.user_id and d.id = credits._as_id(v_next.reference_id) and d.expires_at <= p_row.created_at
        );
        v_row := v_next;
    end loop;
    return v_row;
end
$$;
ALTER FUNCTION credits._standing_after(p_row credits.transactions) OWNER TO credits_owner;

CREATE FUNCTION credits._take_dated(p_user_id text, p_cause_id uuid, p_amount numeric, p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_dated credits.dated_credits;
    v_left numeric := p_amount;
begin
    for v_dated in
        select * from credits.dated_credits
        where user_id = p_user_id and remaining > 0
        order by expires_at, id
    loop
        exit when v_left <= 0;
        insert into credits.dated_movements (user_id, id, dated_id, cause_id, amount, created_at)
        values (p_user_id, credits._new_id(), v_dated.id, p_cause_id, -least(v_left, v_dated.remaining), p_at);
        v_left := v_left - v_dated.remaining;
    end loop;
end
$$;
ALTER FUNCTION credits._take_dated(p_user_id text, p_cause_id uuid, p_amount numeric, p_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits._use_guild_step_by_step(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) RETURNS credits.guild_movement
    LANGUAGE plpgsql
    AS $$
declare
    v_pool credits.guild_pools;
    v_row credits.guild_transactions;
begin
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
ALTER FUNCTION credits._use_guild_step_by_step(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits._use_step_by_step(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) RETURNS credits.movement
    LANGUAGE plpgsql
    AS $$
declare
    v_row credits.transactions;
    v_balance credits.balances;
begin
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
    if v_balance.user_id is null then
        perform credits._check_id('userId', p_user_id);
    end if;
    perform credits._check_cap('use', p_app_id, p_amount);
    if v_balance.balance >= p_amount is not true then
        perform credits._refuse_insufficient(p_amount, v_balance.balance);
    end if;
    v_row := credits._post_transaction(
        v_balance, 'usage', -p_amount, p_description, p_app_id, p_idempotency_key, p_metadata
    );
    return credits._movement(v_row, false);
end
$$;
ALTER FUNCTION credits._use_step_by_step(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits._use_together(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) RETURNS SETOF credits.use_outcome
    LANGUAGE plpgsql ROWS 10
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_ids uuid[] := array(select credits._new_id() as id from generate_series(1, cardinality(p_user_ids)) order by id);
    v_now timestamptz := credits._now();
    v_request_id text := left(nullif(current_setting('credits.request_id', true), ''), 128);
    v_full record;
begin
    perform set_config('credits.posting', 'direct', true);
    -- What is carried through sorts and windows is narrow; the rest is looked up in its array by the item's number.
    return query
    with items as (
        select i.*
        from unnest(p_user_ids, p_amounts, p_idempotency_keys) with ordinality as i (user_id, amount, idempotency_key, item)
    ),
    twins as (
        select from items i where i.idempotency_key is not null group by i.user_id, i.idempotency_key having count(*) > 1
    ),
    -- Nothing, in nearly every batch: then nothing is sorted for it.
    later_twins as (
        select i.item
        from (
            select i.item, row_number() over (partition by i.user_id, i.idempotency_key order by i.item) as place
            from items i
            where i.idempotency_key is not null and exists (select from twins)
        ) i
        where i.place > 1
    ),
    judged as (
        select
            i.item, i.user_id, i.amount,
            b.reserved,
            greatest(v_now, b.updated_at + interval '1 microsecond') as at,
            b.balance - sum(i.amount) over account as available_after,
            b.total_spent + sum(i.amount) over account as total_spent_after,
            b.version + row_number() over account as sequence
        from items i
        join credits.balances b on b.user_id = i.user_id
        where b.next_expiry is null
            and (b.reserved = 0 or not credits._has_overdue_holds(b.user_id))
            and b.low_balance_at is null
            and (b.last_transaction_id >= v_ids[1]) is not true
            and credits._is_use(i.amount, p_app_ids[i.item], p_descriptions[i.item], i.idempotency_key, '{}')
            and (p_metadata[i.item] is null or credits._is_metadata(p_metadata[i.item]))
            and not exists (
                select from credits.transactions o where o.user_id = i.user_id and o.idempotency_key = i.idempotency_key
            )
            and (b.reservations_count = 0 or not exists (
                select from credits.reservations r
                where r.account_id = i.user_id and r.organization_id is null and r.idempotency_key = i.idempotency_key
            ))
            and not exists (
                select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
            )
            and i.item not in (select l.item from later_twins l)
        window account as (partition by i.user_id order by i.item)
    ),
    posted as materialized (
        select
            j.*, v_ids[j.item] as id, 'usage'::credits.transaction_type as type, 'completed'::credits.transaction_status as status,
            false as replayed
        from judged j
        where j.available_after >= 0
    ),
    moved as (
        update credits.balances b
        set
            balance = b.balance - a.amount,
            total_spent = b.total_spent + a.amount,
            version = b.version + a.rows,
            last_transaction_id = v_ids[a.last_item],
            updated_at = a.at
        from (
            select p.user_id, sum(p.amount) as amount, count(*) as rows, max(p.item) as last_item, max(p.at) as at
            from posted p
            group by p.user_id
        ) a
        where b.user_id = a.user_id
    ),
    ledger as (
        insert into credits.transactions (
            user_id, id, sequence, type, amount, balance_before, balance_after, reserved_after, total_spent_after, app_id,
            description, metadata, idempotency_key, created_at, completed_at, request_id
        )
        select
            p.user_id, p.id, p.sequence, p.type, -p.amount, p.available_after + p.reserved + p.amount,
            p.available_after + p.reserved, p.reserved, p.total_spent_after,
            p_app_ids[p.item], p_descriptions[p.item], coalesce(p_metadata[p.item], '{}'), p_idempotency_keys[p.item], p.at, p.at,
            coalesce(left(nullif(p_request_ids[p.item], ''), 128), v_request_id)
        from posted p
    )
    select
        i.item::integer, null, null, null, null,
        p.id, p.user_id, p.type, p.status, -p.amount,
        p.available_after + p.reserved + p.amount, p.available_after + p.reserved, p_app_ids[p.item], p_descriptions[p.item],
        case when p.id is not null then coalesce(p_metadata[p.item], '{}') end, p_idempotency_keys[p.item], null, p.at, p.at,
        p.available_after, p.available_after + p.reserved + p.total_spent_after, p.total_spent_after, p.reserved, p.replayed
    from unnest(v_ids) with ordinality as i (id, item)
    left join posted p on p.item = i.item
    order by i.item;
    for v_full in
        select b.user_id, b.last_transaction_id
        from credits.balances b
        join (select i.user_id, count(*) as items from unnest(p_user_ids) as i (user_id) group by i.user_id) i on i.user_id = b.user_id
        where b.version % 256 < i.items
    loop
        perform credits._fold_usage(v_full.user_id, v_full.last_transaction_id);
    end loop;
    perform set_config('credits.posting', '', true);
    if credits._balance_events_wanted() then
        perform credits._emit_balance(
            t.user_id, null, t.id, t.type::text, t.amount, t.balance_after, t.reserved_after, t.app_id, null
        )
        from (
            select t.*
            from unnest(p_user_ids, v_ids) as i (user_id, id)
            join credits.transactions t on t.user_id = i.user_id and t.id = i.id
            order by t.user_id, t.sequence
        ) t;
    end if;
end
$$;
ALTER FUNCTION credits._use_together(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) OWNER TO credits_owner;

CREATE FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric DEFAULT NULL::numeric, p_description text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS TABLE(transaction_id uuid, committed numeric, released numeric, balance numeric, replayed boolean, late boolean)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_amount numeric;
    v_replayed boolean;
    v_available numeric;
    v_now timestamptz;
begin
    p_description := credits._clean_text(p_description);
    perform credits._check_movement(coalesce(p_amount, 1), coalesce(p_description, ''), null, coalesce(p_metadata, '{}'));
    v_held := credits._lock_reservation(p_reservation_id);
    v_amount := coalesce(p_amount, v_held.amount);
    v_replayed := v_held.status = 'committed' and v_held.committed_amount = v_amount;
    if not v_replayed then
        perform credits._refuse_ended(v_held);
        -- The day's amount was counted when the credits were set aside.
        perform credits._check_cap('commit', v_held.app_id, 0);
        if v_amount > v_held.amount then
            raise exception using
                errcode = 'UC015',
                message = 'More than what is reserved cannot be committed',
                detail = json_build_object('requested', trim_scale(v_amount), 'reserved', trim_scale(v_held.amount))::text,
                hint = 'Commit at most what is reserved, and debit the rest by itself';
        end if;
        -- Past its time nothing is held for it any more; the work was done all the same.
        if v_held.status = 'expired' then
            v_available := credits._spendable(v_held);
            if v_available < v_amount then
                perform credits._refuse_insufficient(v_amount, v_available);
            end if;
        end if;
        v_now := credits._now();
        update credits.reservations
        set
            status = 'committed',
            committed_amount = v_amount,
            committed_late = v_held.status = 'expired',
            ended_at = coalesce(ended_at, v_now)
        where account_id = v_held.account_id and id = v_held.id
        returning * into v_held;
        v_held := credits._post_commit(v_held, coalesce(p_description, v_held.reason), coalesce(p_metadata, '{}'));
    end if;
    return query select
        v_held.transaction_id, v_held.committed_amount, v_held.amount - v_held.committed_amount,
        v_held.balance_after_end, v_replayed, v_held.committed_late;
end
$$;
ALTER FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text DEFAULT NULL::text, p_stripe_checkout_session_id text DEFAULT NULL::text) RETURNS TABLE(outcome text, transaction_id uuid, balance numeric)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_purchase credits.purchases;
    v_balance credits.balances;
    v_row credits.transactions;
    v_now timestamptz;
begin
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    if v_purchase.id is null then
        return query select 'unknown_purchase', null::uuid, null::numeric;
        return;
    end if;
    -- What we noted ourselves counts, not what a payment says of itself.
    if p_stripe_payment_intent_id <> v_purchase.stripe_payment_intent_id
        or p_stripe_checkout_session_id <> v_purchase.stripe_checkout_session_id
    then
        return query select 'another_payment', null::uuid, null::numeric;
        return;
    end if;
    if v_purchase.status = 'completed' then
        return query select 'already_completed', v_purchase.transaction_id, null::numeric;
        return;
    end if;
    if v_purchase.price_euro_cents is distinct from p_amount_cents or v_purchase.currency is distinct from lower(p_currency collate "C") then
        v_now := credits._now();
        update credits.purchases
        set failure_reason = 'amount_mismatch', updated_at = v_now
        where user_id = v_purchase.user_id and id = p_purchase_id;
        return query select 'amount_mismatch', null::uuid, null::numeric;
        return;
    end if;
    if credits._is_pseudonym(v_purchase.user_id) then
        -- Whoever was erased before they had an account: only here may one be opened for a pseudonym.
        insert into credits.balances (user_id) values (v_purchase.user_id) on conflict (user_id) do nothing;
    end if;
    v_balance := credits._lock_balance(v_purchase.user_id, p_create => not credits._is_pseudonym(v_purchase.user_id));
    v_row := credits._post_transaction(
        v_balance, 'purchase', v_purchase.credits, v_purchase.package_name, p_reference_id => p_purchase_id::text
    );
    update credits.purchases
    set
        status = 'completed',
        failure_reason = null,
        transaction_id = v_row.id,
        completed_at = v_row.created_at,
        updated_at = v_row.created_at,
        stripe_payment_intent_id = coalesce(stripe_payment_intent_id, p_stripe_payment_intent_id)
    where user_id = v_purchase.user_id and id = p_purchase_id
    returning * into v_purchase;
    perform credits._emit('purchase.completed', v_purchase.user_id, null, jsonb_build_object(
        'userId', v_purchase.user_id,
        'purchaseId', p_purchase_id,
        'packageId', v_purchase.package_id,
        'transactionId', v_row.id,
        'credits', trim_scale(v_purchase.credits),
        'priceEuroCents', v_purchase.price_euro_cents
    ));
    -- A refund or a dispute may have been reported before the payment.
    perform credits._apply_reversals(v_purchase);
    if credits._is_pseudonym(v_purchase.user_id) then
        perform credits._forfeit(v_purchase.user_id);
    end if;
    return query select 'completed', v_row.id, b.balance from credits.balances b where b.user_id = v_purchase.user_id;
end
$$;
ALTER FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text) OWNER TO credits_owner;

CREATE FUNCTION credits.erase_user(p_user_id text, p_email text DEFAULT NULL::text) RETURNS TABLE(deleted_count integer, pseudonym text, forfeited_credits numeric, cancelled_gifts integer, released_reservations integer)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    -- Not derived from the person, so that nobody can find it again from the id.
    v_pseudonym constant text := 'erased:' || credits._new_id();
    v_locked record;
    v_gift gifts.gift_codes;
    v_held credits.reservations;
    v_cancelled integer := 0;
    v_released integer := 0;
    v_forfeited numeric := 0;
    v_now timestamptz;
begin
    perform credits._check_id('userId', p_user_id);
    if credits._is_pseudonym(p_user_id) then
        perform credits._refuse_invalid('userId', 'is a pseudonym already');
    end if;
    if p_email is not null then
        perform credits._check_email('email', p_email);
    end if;
    perform credits._check_cap('erase', null, 0);
    -- Whatever the caller has set for the constraints of its own: a person is renamed table by table.
    set constraints credits.check_erasure deferred;
    v_locked := credits._lock_person(p_user_id, p_email);
    for v_gift in
        select * from gifts.gift_codes g where g.code = any (v_locked.gifts_by_them) and g.status = 'active' order by g.id
    loop
        perform gifts._return_unclaimed(v_gift, 'cancelled');
        v_cancelled := v_cancelled + 1;
    end loop;
    for v_held in
        select * from credits.reservations r
        where r.user_id = p_user_id
            and r.status = 'held'
            and (r.organization_id = any (v_locked.pools) or (r.organization_id is null and v_locked.has_account))
        order by r.id
    loop
        v_now := credits._now();
        update credits.reservations r
        set
            status = 'released',
            ended_at = v_now,
            balance_after_end = coalesce(
                (select p.balance + r.amount from credits.guild_pools p where p.organization_id = r.organization_id), 0
            )
        where r.account_id = v_held.account_id and r.id = v_held.id;
        v_released := v_released + 1;
    end loop;
    if v_locked.has_account then
        v_forfeited := credits._forfeit(p_user_id);
    end if;
    -- What waits for the end of the transaction looks for this person: let it look now.
    set constraints credits.check_counterpart, credits.check_guild_counterpart immediate;
    set constraints credits.check_counterpart, credits.check_guild_counterpart deferred;
    return query select
        credits._rewrite_identity(
            p_user_id, v_pseudonym, v_locked.has_account, v_locked.pools, v_locked.purchases, v_locked.gifts_for_them,
            v_locked.addresses
        ),
        v_pseudonym, v_forfeited, v_cancelled, v_released;
    -- Whoever comes under this id later in the transaction is a new person.
    set constraints credits.check_erasure immediate;
    set constraints credits.check_erasure deferred;
end
$$;
ALTER FUNCTION credits.erase_user(p_user_id text, p_email text) OWNER TO credits_owner;

CREATE FUNCTION credits.extend_reservation(p_reservation_id uuid, p_expires_in_seconds integer) RETURNS TABLE(reservation_id uuid, expires_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_now timestamptz;
    v_end timestamptz;
begin
    perform credits._check_hold_length(p_expires_in_seconds);
    v_held := credits._lock_reservation(p_reservation_id);
    perform credits._refuse_ended(v_held);
    -- The day's amount was counted when the credits were set aside.
    perform credits._check_cap('reserve', v_held.app_id, 0);
    v_now := credits._now();
    v_end := v_now + make_interval(secs => p_expires_in_seconds);
    if v_held.status = 'held' then
        update credits.reservations r
        set
            expires_at = v_end,
            extended_at = v_now,
            first_expires_at = coalesce(r.first_expires_at, r.expires_at)
        where r.account_id = v_held.account_id and r.id = v_held.id
        returning * into v_held;
    else
        v_held.continues := p_reservation_id;
        v_held.idempotency_key := null;
        v_held.created_at := v_now;
        v_held.expires_at := v_end;
        v_held := credits._hold(v_held, credits._spendable(v_held));
    end if;
    return query select p_reservation_id, v_held.expires_at;
end
$$;
ALTER FUNCTION credits.extend_reservation(p_reservation_id uuid, p_expires_in_seconds integer) OWNER TO credits_owner;

CREATE FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text DEFAULT NULL::text, p_description text DEFAULT 'Guild pool funding'::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS TABLE(id uuid, user_id text, type credits.transaction_type, status credits.transaction_status, amount numeric, balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb, idempotency_key text, guild_id text, created_at timestamp with time zone, completed_at timestamp with time zone, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, replayed boolean, pool_transaction_id uuid, pool_balance numeric, pool_total_funded numeric)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_pool credits.guild_pools;
    v_balance credits.balances;
    v_row credits.transactions;
    v_pool_row credits.guild_transactions;
    v_replayed boolean := false;
begin
    perform credits._check_id('userId', p_user_id);
    p_description := credits._clean_text(p_description);
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    v_pool := credits._lock_pool(p_organization_id);
    v_balance := credits._lock_balance(p_user_id, p_create => false);
    if p_idempotency_key is not null then
        v_row := credits._find_movement(v_balance, p_idempotency_key);
        v_replayed := v_row.id is not null;
    end if;
    if v_replayed then
        if (v_row.type, v_row.amount, v_row.guild_id, v_row.description, v_row.metadata)
            is distinct from ('guild_funding', -p_amount, p_organization_id, p_description, p_metadata)
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
        select * into v_pool_row
        from credits.guild_transactions g
        where g.organization_id = p_organization_id and g.id = v_row.reference_id::uuid;
    else
        perform credits._check_cap('fund_guild', null, p_amount);
        if v_balance.balance >= p_amount is not true then
            perform credits._refuse_insufficient(p_amount, v_balance.balance);
        end if;
        -- Each side names the other.
        v_pool_row.id := credits._next_id(v_pool.last_transaction_id);
        v_row := credits._post_transaction(
            v_balance, 'guild_funding', -p_amount, p_description, p_idempotency_key => p_idempotency_key,
            p_metadata => p_metadata, p_guild_id => p_organization_id, p_reference_id => v_pool_row.id::text
        );
        v_pool_row := credits._post_guild_transaction(
            v_pool, p_user_id, 'funding', p_amount, p_description, p_metadata => p_metadata,
            p_reference_id => v_row.id::text, p_id => v_pool_row.id
        );
    end if;
    return query select
        (credits._movement(v_row, v_replayed)).*,
        v_pool_row.id,
        v_pool_row.balance_after - v_pool_row.reserved_after,
        v_pool_row.balance_after + v_pool_row.total_spent_after;
end
$$;
ALTER FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone, expiring jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_balance credits.balances;
begin
    if p_at is not null then
        return query select * from credits._balance_at(p_user_id, p_at);
        return;
    end if;
    select * into v_balance from credits.balances b where b.user_id = p_user_id;
    if not found then
        perform credits._check_id('userId', p_user_id);
        return query select p_user_id, 0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::bigint, null::timestamptz, null::timestamptz, null::jsonb;
        return;
    end if;
    if v_balance.reserved > 0 or v_balance.next_expiry is not null then
        return query select * from credits._balance_now(v_balance);
        return;
    end if;
    return query select
        v_balance.user_id::text, v_balance.balance, v_balance.total_earned, v_balance.total_spent, v_balance.reserved,
        v_balance.version, v_balance.created_at, v_balance.updated_at, null::jsonb;
end
$$;
ALTER FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION credits.get_guild_balance(p_organization_id text) RETURNS TABLE(organization_id text, balance numeric, total_funded numeric, total_spent numeric, reserved numeric, created_at timestamp with time zone, updated_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return query
    select
        p.organization_id::text, p.balance + o.overdue, p.total_funded, p.total_spent, p.reserved - o.overdue,
        p.created_at, p.updated_at
    from credits.guild_pools p
    cross join lateral (
        select coalesce(sum(r.amount), 0) as overdue
        from credits.reservations r
        where p.reserved > 0
            and r.account_id = p.organization_id
            and r.organization_id is not null
            and r.status = 'held'
            and r.expires_at <= credits._now()
    ) o
    where p.organization_id = p_organization_id;
    if not found then
        perform credits._refuse_unknown_pool(p_organization_id);
    end if;
end
$$;
ALTER FUNCTION credits.get_guild_balance(p_organization_id text) OWNER TO credits_owner;

CREATE FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text DEFAULT NULL::text, p_expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_idempotency_key text DEFAULT NULL::text) RETURNS TABLE(already_granted boolean, new_balance numeric, transaction_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_balance credits.balances;
    v_row credits.transactions;
begin
    perform credits._check_id('userId', p_user_id);
    p_description := credits._clean_text(p_description);
    p_reason := credits._clean_text(p_reason, 255);
    perform credits._check_movement(p_amount, coalesce(p_description, ''), p_idempotency_key, '{}');
    if (p_reason <> '') is not true then
        perform credits._refuse_invalid('reason', 'must be a text that is not empty');
    end if;
    if (char_length(p_reference_id) between 1 and 255) is not true then
        perform credits._refuse_invalid('referenceId', 'must be 1 to 255 characters');
    end if;
    v_balance := credits._lock_balance(p_user_id, p_create => true);
    if p_idempotency_key is not null then
        v_row := credits._find_movement(v_balance, p_idempotency_key);
        if v_row.id is not null then
            if (v_row.type, v_row.reference_id) is distinct from ('grant', p_reference_id) then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
        end if;
    end if;
    select * into v_row
    from credits.transactions t
    where t.user_id = p_user_id and t.type = 'grant' and t.reference_id = p_reference_id;
    if found then
        return query select true, v_row.balance_after - v_row.reserved_after, v_row.id;
        return;
    end if;
    if p_expires_at <= credits._now() or p_expires_at >= '9999-12-31 00:00:00+00' then
        perform credits._refuse_invalid('expiresAt', 'must lie in the future, and in a year of four digits');
    end if;
    perform credits._check_cap('grant', null, p_amount);
    v_row := credits._post_transaction(
        v_balance, 'grant', p_amount, coalesce(p_description, p_reason), p_idempotency_key => p_idempotency_key,
        p_metadata => jsonb_build_object('reason', p_reason), p_reference_id => p_reference_id
    );
    if p_expires_at is not null then
        insert into credits.dated_credits (user_id, id, granted, remaining, expires_at, created_at)
        values (p_user_id, v_row.id, p_amount, p_amount, p_expires_at, v_row.created_at);
        -- Only what is above zero can still expire.
        perform credits._repay_from_dated(p_user_id, v_row.created_at);
    end if;
    return query select false, v_row.balance_after - v_row.reserved_after, v_row.id;
end
$$;
ALTER FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text) OWNER TO credits_owner;

CREATE FUNCTION credits.init_balance(p_user_id text) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone, expiring jsonb)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._open_account(p_user_id);
    perform credits._check_cap('init', null, 0);
    return query select * from credits.get_balance(p_user_id);
end
$$;
ALTER FUNCTION credits.init_balance(p_user_id text) OWNER TO credits_owner;

CREATE FUNCTION credits.init_guild_pool(p_organization_id text) RETURNS TABLE(organization_id text, balance numeric, total_funded numeric, total_spent numeric, reserved numeric, created_at timestamp with time zone, updated_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform credits._check_id('organizationId', p_organization_id);
    perform credits._check_cap('init', null, 0);
    insert into credits.guild_pools (organization_id) values (p_organization_id) on conflict do nothing;
    return query select * from credits.get_guild_balance(p_organization_id);
end
$$;
ALTER FUNCTION credits.init_guild_pool(p_organization_id text) OWNER TO credits_owner;

CREATE FUNCTION credits.list_transactions(p_user_id text, p_limit integer DEFAULT 50, p_offset bigint DEFAULT 0, p_cursor uuid DEFAULT NULL::uuid, p_type text DEFAULT NULL::text, p_app_id text DEFAULT NULL::text, p_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_to timestamp with time zone DEFAULT NULL::timestamp with time zone, p_down_to uuid DEFAULT NULL::uuid) RETURNS TABLE(id uuid, user_id text, type credits.transaction_type, status credits.transaction_status, amount numeric, balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb, idempotency_key text, guild_id text, created_at timestamp with time zone, completed_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_type credits.transaction_type;
    -- Bounds on the key, so that a page costs the same however deep it lies. An id is made within a second of created_at, which decides.
    v_below uuid := least(
        coalesce(p_cursor, 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
        coalesce(credits._id_floor(p_to + interval '1 second'), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    );
    v_from uuid := greatest(
        coalesce(credits._id_floor(p_from - interval '1 second'), '00000000-0000-0000-0000-000000000000'), p_down_to
    );
begin
    if p_type is not null then
        if p_type <> all (enum_range(null::credits.transaction_type)::text[]) then
            perform credits._refuse_invalid('type', format(
                'must be one of %s', array_to_string(enum_range(null::credits.transaction_type), ', ')
            ));
        end if;
        v_type := p_type::credits.transaction_type;
    end if;
    return query
    select
        t.id, t.user_id, t.type, t.status, t.amount, t.balance_before, t.balance_after, t.app_id::text, t.description::text,
        t.metadata, t.idempotency_key::text, t.guild_id, t.created_at, t.completed_at
    from credits.transactions t
    where t.user_id = p_user_id
        and t.id < v_below
        and t.id >= v_from
        and (v_type is null or t.type = v_type)
        and (p_app_id is null or t.app_id = p_app_id)
        and (p_from is null or t.created_at >= p_from)
        and (p_to is null or t.created_at < p_to)
    order by t.id desc
    limit p_limit offset p_offset;
end
$$;
ALTER FUNCTION credits.list_transactions(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid, p_type text, p_app_id text, p_from timestamp with time zone, p_to timestamp with time zone, p_down_to uuid) OWNER TO credits_owner;

CREATE FUNCTION credits.release_reservation(p_reservation_id uuid) RETURNS TABLE(released numeric, balance numeric, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_before credits.reservations;
    v_held credits.reservations;
    v_now timestamptz;
    v_balance numeric;
begin
    v_before := credits._lock_reservation(p_reservation_id);
    if v_before.status = 'committed' then
        perform credits._refuse_ended(v_before);
    end if;
    if v_before.balance_after_end is not null then
        return query select v_before.amount, v_before.balance_after_end, true;
        return;
    end if;
    perform credits._check_cap('release', v_before.app_id, 0);
    v_now := credits._now();
    update credits.reservations
    set status = 'released', ended_at = coalesce(ended_at, v_now)
    where account_id = v_before.account_id and id = v_before.id
    returning * into v_held;
    -- Past its time it was free already.
    if v_before.status = 'held' and v_held.organization_id is null then
        perform credits._give_back_dated(v_held.account_id, v_held.id, v_held.amount, 0, v_held.amount, v_held.ended_at);
        perform credits._expire_dated(v_held.account_id);
    end if;
    v_balance := credits._spendable(v_held);
    update credits.reservations
    set balance_after_end = v_balance
    where account_id = v_held.account_id and id = v_held.id
    returning * into v_held;
    return query select v_held.amount, v_held.balance_after_end, false;
end
$$;
ALTER FUNCTION credits.release_reservation(p_reservation_id uuid) OWNER TO credits_owner;

CREATE FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer DEFAULT 86400, p_guild_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text, p_app_id text DEFAULT 'unknown'::text) RETURNS TABLE(reservation_id uuid, balance numeric, expires_at timestamp with time zone, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
ALTER FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text) OWNER TO credits_owner;

CREATE FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric DEFAULT NULL::numeric, p_monthly_limit numeric DEFAULT NULL::numeric, p_set_daily boolean DEFAULT NULL::boolean, p_set_monthly boolean DEFAULT NULL::boolean) RETURNS TABLE(daily_limit numeric, monthly_limit numeric)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_set_daily boolean := coalesce(p_set_daily, p_daily_limit is not null);
    v_set_monthly boolean := coalesce(p_set_monthly, p_monthly_limit is not null);
    v_now constant timestamptz := credits._now();
begin
    perform credits._check_id('organizationId', p_organization_id);
    perform credits._check_id('userId', p_user_id);
    if v_set_daily and p_daily_limit is not null and p_daily_limit <> 0 and not credits._is_amount(p_daily_limit) then
        perform credits._refuse_invalid('dailyLimit', 'must be null, or from 0 to 999999999.999999 with at most 6 decimals');
    end if;
    if v_set_monthly and p_monthly_limit is not null and p_monthly_limit <> 0 and not credits._is_amount(p_monthly_limit) then
        perform credits._refuse_invalid('monthlyLimit', 'must be null, or from 0 to 999999999.999999 with at most 6 decimals');
    end if;
    perform credits._check_cap('set_limits', null, 0);
    return query
    insert into credits.guild_spending_limits as l (organization_id, user_id, daily_limit, monthly_limit)
    values (
        p_organization_id, p_user_id,
        case when v_set_daily then p_daily_limit end, case when v_set_monthly then p_monthly_limit end
    )
    on conflict (organization_id, user_id) do update
        set
            daily_limit = case when v_set_daily then p_daily_limit else l.daily_limit end,
            monthly_limit = case when v_set_monthly then p_monthly_limit else l.monthly_limit end,
            updated_at = greatest(l.updated_at, v_now)
    returning l.daily_limit, l.monthly_limit;
end
$$;
ALTER FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) OWNER TO credits_owner;

CREATE FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS credits.movement
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
ALTER FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[] DEFAULT NULL::text[], p_metadata jsonb[] DEFAULT NULL::jsonb[], p_request_ids text[] DEFAULT NULL::text[]) RETURNS SETOF credits.use_outcome
    LANGUAGE plpgsql SECURITY DEFINER ROWS 10
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
    v_locked text[];
    v_user_ids text[] := p_user_ids;
    v_outcome credits.use_outcome;
    v_item integer;
    v_request_id text := coalesce(current_setting('credits.request_id', true), '');
    v_refusal text;
    v_message text;
    v_detail text;
    v_hint text;
begin
    perform credits._check_batch(cardinality(p_user_ids), array[
        credits._shape(p_user_ids), credits._shape(p_amounts), credits._shape(p_app_ids), credits._shape(p_descriptions),
        credits._shape(coalesce(p_idempotency_keys, p_user_ids)),
        credits._shape(coalesce(p_request_ids, p_user_ids)),
        case when p_metadata is null then credits._shape(p_user_ids) else credits._shape(p_metadata) end
    ]);
    v_locked := array(
        select l.user_id
        from (
            select b.user_id from credits.balances b where b.user_id = any (p_user_ids) order by b.user_id for no key update
        ) l
    );
    if cardinality(v_locked) < (
        select count(*) from (select from unnest(p_user_ids) as i (user_id) where i.user_id is not null group by i.user_id) d
    ) then
        -- One that is opened while another is waited for would be there for the next statement, but not locked.
        v_user_ids := array(
            select case when i.user_id = any (v_locked) then i.user_id end
            from unnest(p_user_ids) with ordinality as i (user_id, item)
            order by i.item
        );
    end if;
    for v_outcome in
        select * from credits._use_together(v_user_ids, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata, p_request_ids)
    loop
        if v_outcome.id is null then
            -- A retry, too few credits, something malformed, held or dated: decided like a single call.
            v_item := v_outcome.item;
            perform set_config('credits.request_id', coalesce(p_request_ids[v_item], v_request_id), true);
            begin
                select v_item, null, null, null, null, m.*
                into v_outcome
                from credits.use_credits(
                    p_user_ids[v_item], p_amounts[v_item], p_app_ids[v_item], p_descriptions[v_item],
                    p_idempotency_keys[v_item], coalesce(p_metadata[v_item], '{}')
                ) m;
            exception when others then
                get stacked diagnostics
                    v_refusal = returned_sqlstate, v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
                if v_refusal !~ '^UC' then
                    raise;
                end if;
                v_outcome.refusal := v_refusal;
                v_outcome.refusal_message := v_message;
                v_outcome.refusal_detail := nullif(v_detail, '');
                v_outcome.refusal_hint := nullif(v_hint, '');
            end;
        end if;
        return next v_outcome;
    end loop;
    perform set_config('credits.request_id', v_request_id, true);
end
$$;
ALTER FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) OWNER TO credits_owner;

CREATE FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS credits.guild_movement
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
ALTER FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

CREATE FUNCTION gifts._answer_is_right(p_answer text, p_hash text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    select gifts._riddle_hash(p_answer, split_part(p_hash, ':', 1)) = p_hash
$$;
ALTER FUNCTION gifts._answer_is_right(p_answer text, p_hash text) OWNER TO credits_owner;

CREATE TABLE gifts.gift_codes (
    code text NOT NULL,
    id uuid NOT NULL,
    short_url text GENERATED ALWAYS AS (('/g/'::text || code)) STORED NOT NULL,
    creator_id credits.account_id NOT NULL,
    creator_name text,
    total_credits numeric(15,6) NOT NULL,
    credits_per_portion numeric(15,6) NOT NULL,
    total_portions integer NOT NULL,
    claimed_portions integer DEFAULT 0 NOT NULL,
    refunded_credits numeric(15,6) DEFAULT 0 NOT NULL,
    type gifts.gift_type NOT NULL,
    status gifts.gift_status DEFAULT 'active'::gifts.gift_status NOT NULL,
    target_email text,
    target_hash bytea,
    target_matrix_id text,
    riddle_question text,
    riddle_answer_hash text,
    message text,
    expires_at timestamp with time zone NOT NULL,
    source_app_id text,
    reservation_transaction_id uuid NOT NULL,
    refund_transaction_id uuid,
    request_digest bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT gift_codes_charge_what_can_be_claimed CHECK (((credits_per_portion >= (1)::numeric) AND (credits_per_portion = trunc(credits_per_portion)) AND (total_credits <= (10000)::numeric) AND (total_credits = (credits_per_portion * (total_portions)::numeric)))),
    CONSTRAINT gift_codes_code_is_typeable CHECK ((code ~ '^[A-HJ-NP-Z2-9]{10}$'::text)),
    CONSTRAINT gift_codes_depleted_when_all_claimed CHECK (((status = 'depleted'::gifts.gift_status) = (claimed_portions = total_portions))),
    CONSTRAINT gift_codes_never_stored_as_expired CHECK ((status <> 'expired'::gifts.gift_status)),
    CONSTRAINT gift_codes_portions_in_range CHECK ((((total_portions >= 1) AND (total_portions <= 100)) AND ((claimed_portions >= 0) AND (claimed_portions <= total_portions)))),
    CONSTRAINT gift_codes_refund_the_unclaimed CHECK ((refunded_credits =
CASE
    WHEN (status = ANY (ARRAY['cancelled'::gifts.gift_status, 'refunded'::gifts.gift_status])) THEN (total_credits - (credits_per_portion * (claimed_portions)::numeric))
    ELSE (0)::numeric
END)),
    CONSTRAINT gift_codes_riddle_has_both_or_none CHECK (((riddle_question IS NULL) = (riddle_answer_hash IS NULL))),
    CONSTRAINT gift_codes_target_has_its_hash CHECK ((COALESCE((target_email ~~ '%@%'::text), false) = (target_hash IS NOT NULL))),
    CONSTRAINT gift_codes_text_length CHECK (((char_length(message) <= 500) AND (char_length(riddle_question) <= 200) AND (char_length(creator_name) <= 200))),
    CONSTRAINT gift_codes_type_has_its_parts CHECK ((((type <> 'riddle'::gifts.gift_type) OR (riddle_question IS NOT NULL)) AND ((type <> 'personalized'::gifts.gift_type) OR (target_email IS NOT NULL) OR (target_matrix_id IS NOT NULL)) AND ((type <> ALL (ARRAY['simple'::gifts.gift_type, 'personalized'::gifts.gift_type])) OR (total_portions = 1))))
);
ALTER TABLE gifts.gift_codes OWNER TO credits_owner;

CREATE FUNCTION gifts._check_attempts(p_gift gifts.gift_codes, p_user_id text) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_window constant interval := interval '15 minutes';
    v_since uuid := credits._id_floor(credits._now() - v_window);
    v_oldest timestamptz;
begin
    -- The n-th newest failure of the window, if there are that many: when it leaves the window, another attempt is free.
    select r.created_at into v_oldest
    from gifts.gift_redemptions r
    where r.code = p_gift.code and r.redeemer_user_id = p_user_id and r.status <> 'success' and r.id >= v_since
    order by r.id desc
    offset case when p_gift.riddle_answer_hash is null then 19 else 4 end
    limit 1;
    if not found and p_gift.riddle_answer_hash is not null then
        select r.created_at into v_oldest
        from gifts.gift_redemptions r
        where r.code = p_gift.code and r.status = 'failed_wrong_answer' and r.id >= v_since
        order by r.id desc
        offset 49
        limit 1;
    end if;
    if v_oldest is not null then
        perform gifts._refuse_too_many_attempts(v_oldest + v_window);
    end if;
end
$$;
ALTER FUNCTION gifts._check_attempts(p_gift gifts.gift_codes, p_user_id text) OWNER TO credits_owner;

CREATE FUNCTION gifts._check_character(p_text text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$
declare
    v_alphabet constant text := 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
    v_sum integer := 0;
    v_value integer;
begin
    -- Luhn's algorithm in base 32, from the right, every second character doubled.
    for v_i in reverse char_length(p_text)..1 loop
        v_value := strpos(v_alphabet, substr(p_text, v_i, 1)) - 1;
        if v_value < 0 then
            return null;
        end if;
        if (char_length(p_text) - v_i) % 2 = 0 then
            v_value := v_value * 2;
            v_value := v_value / 32 + v_value % 32;
        end if;
        v_sum := v_sum + v_value;
    end loop;
    return substr(v_alphabet, (32 - v_sum % 32) % 32 + 1, 1);
end
$$;
ALTER FUNCTION gifts._check_character(p_text text) OWNER TO credits_owner;

CREATE FUNCTION gifts._check_gift() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_charged numeric := gifts._moved(new.creator_id, new.reservation_transaction_id, new.id);
    v_returned numeric := coalesce(gifts._moved(new.creator_id, new.refund_transaction_id, new.id), 0);
begin
    if v_charged is distinct from -new.total_credits or v_returned is distinct from new.refunded_credits then
        raise exception using
            errcode = 'UC017',
            message = 'A gift needs the ledger rows that charged and refunded it',
            hint = 'Use gifts.create_gift, gifts.cancel_gift and gifts.expire_gifts';
    end if;
    return null;
end
$$;
ALTER FUNCTION gifts._check_gift() OWNER TO credits_owner;

CREATE FUNCTION gifts._check_redeemer() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if gifts._moved(new.redeemer_user_id, new.credit_transaction_id, new.gift_code_id) is distinct from new.credits_received then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;
ALTER FUNCTION gifts._check_redeemer() OWNER TO credits_owner;

CREATE FUNCTION gifts._check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
begin
    if (p_total_credits between 1 and 10000 and p_total_credits = trunc(p_total_credits)) is not true then
        perform credits._refuse_invalid('totalCredits', 'must be a whole number from 1 to 10000');
    end if;
    if p_portions not between 1 and 100 then
        perform credits._refuse_invalid('totalPortions', 'must be from 1 to 100');
    end if;
    if p_portions > p_total_credits then
        perform credits._refuse_invalid('totalPortions', 'must leave at least 1 credit for each portion');
    end if;
    if p_portions > 1 and p_type in ('simple', 'personalized') then
        perform credits._refuse_invalid('totalPortions', format('must be 1 for a gift of type %s', p_type));
    end if;
    if p_target_email is not null then
        perform credits._check_email('targetEmail', p_target_email);
    end if;
    if p_target_matrix_id is not null then
        perform credits._check_id('targetMatrixId', p_target_matrix_id);
        if btrim(credits._plain_spaces(p_target_matrix_id)) = '' then
            perform credits._refuse_invalid('targetMatrixId', 'must not be blank');
        end if;
    end if;
    if p_type = 'personalized' and p_target_email is null and p_target_matrix_id is null then
        perform credits._refuse_invalid('targetEmail', 'must be given for a personalized gift, unless targetMatrixId is');
    end if;
    if p_riddle_question is null and (p_type = 'riddle' or p_riddle_answer is not null)
        or btrim(credits._plain_spaces(p_riddle_question)) = '' or char_length(p_riddle_question) > 200
    then
        perform credits._refuse_invalid('riddleQuestion', 'must be given with its answer, 1 to 200 characters');
    end if;
    if p_riddle_question is not null and coalesce(gifts._fold_answer(left(p_riddle_answer, 200)), '') = ''
        or char_length(p_riddle_answer) > 200
    then
        perform credits._refuse_invalid('riddleAnswer', 'must be given with its question, 1 to 200 characters');
    end if;
    if p_expires_at is not null and p_expiration_days is not null then
        perform credits._refuse_invalid('expiresAt', 'must not be given together with expirationDays');
    end if;
    if p_expiration_days not between 1 and 3650 then
        perform credits._refuse_invalid('expirationDays', 'must be from 1 to 3650');
    end if;
    if p_source_app_id is not null then
        perform credits._check_id('sourceAppId', p_source_app_id);
    end if;
    perform credits._check_key(p_idempotency_key);
end
$$;
ALTER FUNCTION gifts._check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text) OWNER TO credits_owner;

CREATE FUNCTION gifts._claim_portion(p_gift gifts.gift_codes, p_balance credits.balances, p_source_app_id text, p_idempotency_key text) RETURNS credits.transactions
    LANGUAGE plpgsql
    AS $$
declare
    v_row credits.transactions := credits._post_transaction(
        p_balance, 'gift', p_gift.credits_per_portion, 'Gift redeemed', p_source_app_id, p_idempotency_key,
        p_reference_id => p_gift.id::text
    );
begin
    insert into gifts.gift_redemptions (
        code, id, gift_code_id, redeemer_user_id, status, credits_received, portion_number, credit_transaction_id,
        source_app_id, created_at
    )
    values (
        p_gift.code, v_row.id, p_gift.id, p_balance.user_id, 'success', p_gift.credits_per_portion,
        p_gift.claimed_portions + 1, v_row.id, p_source_app_id, v_row.created_at
    );
    perform credits._emit('gift.redeemed', p_balance.user_id, null, jsonb_build_object(
        'userId', p_balance.user_id,
        'giftId', p_gift.id,
        'transactionId', v_row.id,
        'credits', trim_scale(p_gift.credits_per_portion),
        'portionNumber', p_gift.claimed_portions + 1,
        'totalPortions', p_gift.total_portions
    ));
    return v_row;
end
$$;
ALTER FUNCTION gifts._claim_portion(p_gift gifts.gift_codes, p_balance credits.balances, p_source_app_id text, p_idempotency_key text) OWNER TO credits_owner;

CREATE FUNCTION gifts._fold_answer(p_answer text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    -- The small letter of İ, as programs write it, is an i and a dot of its own; ß in capital letters is mostly SS.
    select btrim(regexp_replace(
        credits._plain_spaces(normalize(
            replace(replace(gifts._fold_letters(normalize(p_answer, nfkc)), E'i\u0307', 'i'), 'ß', 'ss'), nfkc
        )),
        ' +', ' ', 'g'
    ))
$$;
ALTER FUNCTION gifts._fold_answer(p_answer text) OWNER TO credits_owner;

CREATE FUNCTION gifts._fold_letters(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select translate(
        p_text,
        'ABCDEFGHIJKLMNOPQRSTUVWXYZµÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄ'
        'ĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİıĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻ'
        'ŽſƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠƢƤƦƧƩƬƮƯƱƲƳƵƷƸƼǄǅǇǈǊǋǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬ'
        'ǮǱǲǴǶǷǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȜȞȠȢȤȦȨȪȬȮȰȲȺȻȽȾɁɃɄɅɆɈɊɌɎͅͰͲͶͿΆΈΉΊΌΎ'
        'ΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫςϏϐϑϕϖϘϚϜϞϠϢϤϦϨϪϬϮϰϱϴϵϷϹϺϽϾϿЀЁЂЃЄ'
        'ЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀ'
        'ҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀ'
        'ԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕ'
        'ՖႠႡႢႣႤႥႦႧႨႩႪႫႬႭႮႯႰႱႲႳႴႵႶႷႸႹႺႻႼႽႾႿჀჁჂჃჄჅჇჍᏸᏹᏺᏻᏼᏽᲀᲁᲂᲃᲄᲅᲆᲇᲈᲐᲑᲒᲓ'
        'ᲔᲕᲖᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰᲱᲲᲳᲴᲵᲶᲷᲸᲹᲺᲽᲾᲿḀḂḄḆḈḊḌḎḐḒḔḖḘḚḜḞḠḢ'
        'ḤḦḨḪḬḮḰḲḴḶḸḺḼḾṀṂṄṆṈṊṌṎṐṒṔṖṘṚṜṞṠṢṤṦṨṪṬṮṰṲṴṶṸṺṼṾẀẂẄẆẈẊẌẎẐẒẔẛẞẠ'
        'ẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸỺỼỾἈἉἊἋἌἍἎἏἘἙἚἛἜ'
        'ἝἨἩἪἫἬἭἮἯἸἹἺἻἼἽἾἿὈὉὊὋὌὍὙὛὝὟὨὩὪὫὬὭὮὯᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾸ'
        'ᾹᾺΆᾼιῈΈῊΉῌῘῙῚΊῨῩῪΎῬῸΌῺΏῼΩKÅℲⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅬⅭⅮⅯↃⒶⒷⒸⒹⒺⒻⒼⒽⒾⒿⓀⓁⓂⓃⓄ'
        'ⓅⓆⓇⓈⓉⓊⓋⓌⓍⓎⓏⰀⰁⰂⰃⰄⰅⰆⰇⰈⰉⰊⰋⰌⰍⰎⰏⰐⰑⰒⰓⰔⰕⰖⰗⰘⰙⰚⰛⰜⰝⰞⰟⰠⰡⰢⰣⰤⰥⰦⰧⰨⰩⰪⰫⰬⰭⰮⰯⱠ'
        'ⱢⱣⱤⱧⱩⱫⱭⱮⱯⱰⱲⱵⱾⱿⲀⲂⲄⲆⲈⲊⲌⲎⲐⲒⲔⲖⲘⲚⲜⲞⲠⲢⲤⲦⲨⲪⲬⲮⲰⲲⲴⲶⲸⲺⲼⲾⳀⳂⳄⳆⳈⳊⳌⳎⳐⳒⳔⳖⳘⳚ'
        'ⳜⳞⳠⳢⳫⳭⳲꙀꙂꙄꙆꙈꙊꙌꙎꙐꙒꙔꙖꙘꙚꙜꙞꙠꙢꙤꙦꙨꙪꙬꚀꚂꚄꚆꚈꚊꚌꚎꚐꚒꚔꚖꚘꚚꜢꜤꜦꜨꜪꜬꜮꜲꜴꜶꜸꜺꜼꜾꝀꝂ'
        'ꝄꝆꝈꝊꝌꝎꝐꝒꝔꝖꝘꝚꝜꝞꝠꝢꝤꝦꝨꝪꝬꝮꝹꝻꝽꝾꞀꞂꞄꞆꞋꞍꞐꞒꞖꞘꞚꞜꞞꞠꞢꞤꞦꞨꞪꞫꞬꞭꞮꞰꞱꞲꞳꞴꞶꞸꞺꞼꞾꟀ'
        'ꟂꟄꟅꟆꟇꟉꟐꟖꟘꟵꭰꭱꭲꭳꭴꭵꭶꭷꭸꭹꭺꭻꭼꭽꭾꭿꮀꮁꮂꮃꮄꮅꮆꮇꮈꮉꮊꮋꮌꮍꮎꮏꮐꮑꮒꮓꮔꮕꮖꮗꮘꮙꮚꮛꮜꮝꮞꮟꮠꮡ'
        'ꮢꮣꮤꮥꮦꮧꮨꮩꮪꮫꮬꮭꮮꮯꮰꮱꮲꮳꮴꮵꮶꮷꮸꮹꮺꮻꮼꮽꮾꮿＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ𐐀𐐁𐐂𐐃'
        '𐐄𐐅𐐆𐐇𐐈𐐉𐐊𐐋𐐌𐐍𐐎𐐏𐐐𐐑𐐒𐐓𐐔𐐕𐐖𐐗𐐘𐐙𐐚𐐛𐐜𐐝𐐞𐐟𐐠𐐡𐐢𐐣𐐤𐐥𐐦𐐧𐒰𐒱𐒲𐒳𐒴𐒵𐒶𐒷𐒸𐒹𐒺𐒻𐒼𐒽𐒾𐒿𐓀𐓁𐓂𐓃𐓄𐓅𐓆𐓇'
        '𐓈𐓉𐓊𐓋𐓌𐓍𐓎𐓏𐓐𐓑𐓒𐓓𐕰𐕱𐕲𐕳𐕴𐕵𐕶𐕷𐕸𐕹𐕺𐕼𐕽𐕾𐕿𐖀𐖁𐖂𐖃𐖄𐖅𐖆𐖇𐖈𐖉𐖊𐖌𐖍𐖎𐖏𐖐𐖑𐖒𐖔𐖕𐲀𐲁𐲂𐲃𐲄𐲅𐲆𐲇𐲈𐲉𐲊𐲋𐲌'
        '𐲍𐲎𐲏𐲐𐲑𐲒𐲓𐲔𐲕𐲖𐲗𐲘𐲙𐲚𐲛𐲜𐲝𐲞𐲟𐲠𐲡𐲢𐲣𐲤𐲥𐲦𐲧𐲨𐲩𐲪𐲫𐲬𐲭𐲮𐲯𐲰𐲱𐲲𑢠𑢡𑢢𑢣𑢤𑢥𑢦𑢧𑢨𑢩𑢪𑢫𑢬𑢭𑢮𑢯𑢰𑢱𑢲𑢳𑢴𑢵'
        '𑢶𑢷𑢸𑢹𑢺𑢻𑢼𑢽𑢾𑢿𖹀𖹁𖹂𖹃𖹄𖹅𖹆𖹇𖹈𖹉𖹊𖹋𖹌𖹍𖹎𖹏𖹐𖹑𖹒𖹓𖹔𖹕𖹖𖹗𖹘𖹙𖹚𖹛𖹜𖹝𖹞𖹟𞤀𞤁𞤂𞤃𞤄𞤅𞤆𞤇𞤈𞤉𞤊𞤋𞤌𞤍𞤎𞤏𞤐𞤑'
        '𞤒𞤓𞤔𞤕𞤖𞤗𞤘𞤙𞤚𞤛𞤜𞤝𞤞𞤟𞤠𞤡',
        'abcdefghijklmnopqrstuvwxyzμàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăą'
        'ćĉċčďđēĕėęěĝğġģĥħĩīĭįiiĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźż'
        'žsɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵơƣƥʀƨʃƭʈưʊʋƴƶʒƹƽǆǆǉǉǌǌǎǐǒǔǖǘǚǜǟǡǣǥǧǩǫǭ'
        'ǯǳǳǵƕƿǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȝȟƞȣȥȧȩȫȭȯȱȳⱥȼƚⱦɂƀʉʌɇɉɋɍɏιͱͳͷϳάέήίόύ'
        'ώαβγδεζηθικλμνξοπρστυφχψωϊϋσϗβθφπϙϛϝϟϡϣϥϧϩϫϭϯκρθεϸϲϻͻͼͽѐёђѓє'
        'ѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁ'
        'ҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁ'
        'ԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօ'
        'ֆⴀⴁⴂⴃⴄⴅⴆⴇⴈⴉⴊⴋⴌⴍⴎⴏⴐⴑⴒⴓⴔⴕⴖⴗⴘⴙⴚⴛⴜⴝⴞⴟⴠⴡⴢⴣⴤⴥⴧⴭᏰᏱᏲᏳᏴᏵвдосттъѣꙋაბგდ'
        'ევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰჱჲჳჴჵჶჷჸჹჺჽჾჿḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣ'
        'ḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕṡßạ'
        'ảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹỻỽỿἀἁἂἃἄἅἆἇἐἑἒἓἔ'
        'ἕἠἡἢἣἤἥἦἧἰἱἲἳἴἵἶἷὀὁὂὃὄὅὑὓὕὗὠὡὢὣὤὥὦὧᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾰ'
        'ᾱὰάᾳιὲέὴήῃῐῑὶίῠῡὺύῥὸόὼώῳωkåⅎⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻⅼⅽⅾⅿↄⓐⓑⓒⓓⓔⓕⓖⓗⓘⓙⓚⓛⓜⓝⓞ'
        'ⓟⓠⓡⓢⓣⓤⓥⓦⓧⓨⓩⰰⰱⰲⰳⰴⰵⰶⰷⰸⰹⰺⰻⰼⰽⰾⰿⱀⱁⱂⱃⱄⱅⱆⱇⱈⱉⱊⱋⱌⱍⱎⱏⱐⱑⱒⱓⱔⱕⱖⱗⱘⱙⱚⱛⱜⱝⱞⱟⱡ'
        'ɫᵽɽⱨⱪⱬɑɱɐɒⱳⱶȿɀⲁⲃⲅⲇⲉⲋⲍⲏⲑⲓⲕⲗⲙⲛⲝⲟⲡⲣⲥⲧⲩⲫⲭⲯⲱⲳⲵⲷⲹⲻⲽⲿⳁⳃⳅⳇⳉⳋⳍⳏⳑⳓⳕⳗⳙⳛ'
        'ⳝⳟⳡⳣⳬⳮⳳꙁꙃꙅꙇꙉꙋꙍꙏꙑꙓꙕꙗꙙꙛꙝꙟꙡꙣꙥꙧꙩꙫꙭꚁꚃꚅꚇꚉꚋꚍꚏꚑꚓꚕꚗꚙꚛꜣꜥꜧꜩꜫꜭꜯꜳꜵꜷꜹꜻꜽꜿꝁꝃ'
        'ꝅꝇꝉꝋꝍꝏꝑꝓꝕꝗꝙꝛꝝꝟꝡꝣꝥꝧꝩꝫꝭꝯꝺꝼᵹꝿꞁꞃꞅꞇꞌɥꞑꞓꞗꞙꞛꞝꞟꞡꞣꞥꞧꞩɦɜɡɬɪʞʇʝꭓꞵꞷꞹꞻꞽꞿꟁ'
        'ꟃꞔʂᶎꟈꟊꟑꟗꟙꟶᎠᎡᎢᎣᎤᎥᎦᎧᎨᎩᎪᎫᎬᎭᎮᎯᎰᎱᎲᎳᎴᎵᎶᎷᎸᎹᎺᎻᎼᎽᎾᎿᏀᏁᏂᏃᏄᏅᏆᏇᏈᏉᏊᏋᏌᏍᏎᏏᏐᏑ'
        'ᏒᏓᏔᏕᏖᏗᏘᏙᏚᏛᏜᏝᏞᏟᏠᏡᏢᏣᏤᏥᏦᏧᏨᏩᏪᏫᏬᏭᏮᏯａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ𐐨𐐩𐐪𐐫'
        '𐐬𐐭𐐮𐐯𐐰𐐱𐐲𐐳𐐴𐐵𐐶𐐷𐐸𐐹𐐺𐐻𐐼𐐽𐐾𐐿𐑀𐑁𐑂𐑃𐑄𐑅𐑆𐑇𐑈𐑉𐑊𐑋𐑌𐑍𐑎𐑏𐓘𐓙𐓚𐓛𐓜𐓝𐓞𐓟𐓠𐓡𐓢𐓣𐓤𐓥𐓦𐓧𐓨𐓩𐓪𐓫𐓬𐓭𐓮𐓯'
        '𐓰𐓱𐓲𐓳𐓴𐓵𐓶𐓷𐓸𐓹𐓺𐓻𐖗𐖘𐖙𐖚𐖛𐖜𐖝𐖞𐖟𐖠𐖡𐖣𐖤𐖥𐖦𐖧𐖨𐖩𐖪𐖫𐖬𐖭𐖮𐖯𐖰𐖱𐖳𐖴𐖵𐖶𐖷𐖸𐖹𐖻𐖼𐳀𐳁𐳂𐳃𐳄𐳅𐳆𐳇𐳈𐳉𐳊𐳋𐳌'
        '𐳍𐳎𐳏𐳐𐳑𐳒𐳓𐳔𐳕𐳖𐳗𐳘𐳙𐳚𐳛𐳜𐳝𐳞𐳟𐳠𐳡𐳢𐳣𐳤𐳥𐳦𐳧𐳨𐳩𐳪𐳫𐳬𐳭𐳮𐳯𐳰𐳱𐳲𑣀𑣁𑣂𑣃𑣄𑣅𑣆𑣇𑣈𑣉𑣊𑣋𑣌𑣍𑣎𑣏𑣐𑣑𑣒𑣓𑣔𑣕'
        '𑣖𑣗𑣘𑣙𑣚𑣛𑣜𑣝𑣞𑣟𖹠𖹡𖹢𖹣𖹤𖹥𖹦𖹧𖹨𖹩𖹪𖹫𖹬𖹭𖹮𖹯𖹰𖹱𖹲𖹳𖹴𖹵𖹶𖹷𖹸𖹹𖹺𖹻𖹼𖹽𖹾𖹿𞤢𞤣𞤤𞤥𞤦𞤧𞤨𞤩𞤪𞤫𞤬𞤭𞤮𞤯𞤰𞤱𞤲𞤳'
        '𞤴𞤵𞤶𞤷𞤸𞤹𞤺𞤻𞤼𞤽𞤾𞤿𞥀𞥁𞥂𞥃'
    )
$$;
ALTER FUNCTION gifts._fold_letters(p_text text) OWNER TO credits_owner;

CREATE FUNCTION gifts._fold_redemption() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if new.status <> 'success' then
        return null;
    end if;
    if gifts._moved(new.redeemer_user_id, new.credit_transaction_id, new.gift_code_id)
        is distinct from new.credits_received
    then
        raise exception using
            errcode = 'UC017',
            message = 'A redemption needs the ledger row that credited it',
            hint = 'Redeem gifts with gifts.redeem_gift';
    end if;
    update gifts.gift_codes g
    set
        claimed_portions = g.claimed_portions + 1,
        status = case when g.claimed_portions + 1 = g.total_portions then 'depleted' else g.status end,
        updated_at = new.created_at
    where g.code = new.code
        and g.id = new.gift_code_id
        and g.status = 'active'
        and g.claimed_portions + 1 = new.portion_number
        and g.credits_per_portion = new.credits_received;
    if not found then
        raise exception using
            errcode = 'UC017',
            message = 'A redemption must take the next portion of an active gift',
            hint = 'Redeem gifts with gifts.redeem_gift';
    end if;
    return null;
end
$$;
ALTER FUNCTION gifts._fold_redemption() OWNER TO credits_owner;

CREATE FUNCTION gifts._gift_type(p_type text, p_portions integer, p_target text, p_riddle_question text) RETURNS gifts.gift_type
    LANGUAGE plpgsql IMMUTABLE
    AS $$
begin
    if p_type is not null and p_type <> all (enum_range(null::gifts.gift_type)::text[]) then
        perform credits._refuse_invalid('type', format(
            'must be one of %s', array_to_string(enum_range(null::gifts.gift_type), ', ')
        ));
    end if;
    return coalesce(
        p_type,
        case
            when p_target is not null then 'personalized'
            when p_riddle_question is not null then 'riddle'
            when p_portions > 1 then 'split'
            else 'simple'
        end
    );
end
$$;
ALTER FUNCTION gifts._gift_type(p_type text, p_portions integer, p_target text, p_riddle_question text) OWNER TO credits_owner;

CREATE FUNCTION gifts._is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    select (p_gift.target_email is null and p_gift.target_matrix_id is null)
        -- What an erasure has put in the place of an address or a Matrix id is nobody's: guilds see pseudonyms in their histories.
        or coalesce(
            credits._fold_address(p_gift.target_email) = credits._fold_address(p_email)
            and not credits._is_pseudonym(p_gift.target_email),
            false
        )
        or coalesce(p_gift.target_matrix_id = p_matrix_id and not credits._is_pseudonym(p_gift.target_matrix_id), false)
$$;
ALTER FUNCTION gifts._is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text) OWNER TO credits_owner;

CREATE FUNCTION gifts._moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    select t.amount
    from credits.transactions t
    where t.user_id = p_user_id and t.id = p_transaction_id and t.type = 'gift' and t.reference_id = p_gift_id::text
$$;
ALTER FUNCTION gifts._moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid) OWNER TO credits_owner;

CREATE FUNCTION gifts._new_code() RETURNS text
    LANGUAGE plpgsql
    AS $$
declare
    v_alphabet constant text := 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
    -- The first 48 bits of a version 4 UUID are all random and come from the server's strong source; 9 characters take 45 of them.
    v_random bigint := ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 12))::bit(48)::bigint;
    v_code text := '';
begin
    for v_i in 1..9 loop
        v_code := v_code || substr(v_alphabet, (v_random % 32)::integer + 1, 1);
        v_random := v_random / 32;
    end loop;
    return v_code || gifts._check_character(v_code);
end
$$;
ALTER FUNCTION gifts._new_code() OWNER TO credits_owner;

CREATE FUNCTION gifts._normalize_code(p_code text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
declare
    -- Spaces, hyphens and dashes of every kind, also those that cannot be seen, and the full stop of a sentence.
    v_code text := upper(regexp_replace(
        credits._plain_spaces(left(p_code, 100)), '[ .\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff-]', '', 'g'
    ) collate "C");
begin
    if v_code ~ '^[A-Z0-9]{10}$' and gifts._check_character(left(v_code, 9)) = right(v_code, 1) then
        return v_code;
    end if;
    return null;
end
$_$;
ALTER FUNCTION gifts._normalize_code(p_code text) OWNER TO credits_owner;

CREATE FUNCTION gifts._protect_terms() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception using
        errcode = 'UC017',
        message = 'What a gift is worth never changes, and one that has ended stays so',
        hint = 'Use gifts.create_gift, gifts.cancel_gift and gifts.expire_gifts';
end
$$;
ALTER FUNCTION gifts._protect_terms() OWNER TO credits_owner;

CREATE FUNCTION gifts._refusal(p_gift gifts.gift_codes, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text) RETURNS gifts.redemption_status
    LANGUAGE plpgsql STABLE
    AS $$
begin
    if exists (
        select from gifts.gift_redemptions r
        where r.code = p_gift.code and r.redeemer_user_id = p_user_id and r.status = 'success'
    ) then
        return 'failed_already_claimed';
    end if;
    if p_gift.status = 'refunded' or (p_gift.status = 'active' and p_gift.expires_at <= credits._now()) then
        return 'failed_expired';
    end if;
    if p_gift.status = 'cancelled' then
        perform gifts._refuse_inactive(p_gift.status);
    end if;
    if p_gift.status = 'depleted' then
        return 'failed_depleted';
    end if;
    if not gifts._is_for(p_gift, p_email, p_matrix_id) then
        return 'failed_wrong_user';
    end if;
    if p_gift.riddle_answer_hash is not null then
        if coalesce(gifts._fold_answer(left(p_riddle_answer, 200)), '') = '' then
            raise exception using
                errcode = 'UG005',
                message = 'This gift asks for the answer to its riddle',
                hint = 'Give riddleAnswer';
        end if;
        if not gifts._answer_is_right(left(p_riddle_answer, 200), p_gift.riddle_answer_hash) then
            return 'failed_wrong_answer';
        end if;
    end if;
    return null;
end
$$;
ALTER FUNCTION gifts._refusal(p_gift gifts.gift_codes, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text) OWNER TO credits_owner;

CREATE FUNCTION gifts._refuse_inactive(p_status gifts.gift_status) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UG002',
        message = 'This gift can no longer be used',
        detail = json_build_object('status', p_status)::text,
        hint = 'Ask its creator for another one';
end
$$;
ALTER FUNCTION gifts._refuse_inactive(p_status gifts.gift_status) OWNER TO credits_owner;

CREATE FUNCTION gifts._refuse_too_many_attempts(p_until timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UG008',
        message = 'Too many attempts',
        detail = json_build_object(
            'retryAfterSeconds', greatest(1, ceil(extract(epoch from p_until - credits._now())))::integer
        )::text,
        hint = 'Wait as long as retryAfterSeconds says';
end
$$;
ALTER FUNCTION gifts._refuse_too_many_attempts(p_until timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION gifts._refuse_unknown() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UG001',
        message = 'There is no such gift',
        hint = 'Check the code for a typing mistake';
end
$$;
ALTER FUNCTION gifts._refuse_unknown() OWNER TO credits_owner;

CREATE FUNCTION gifts._return_unclaimed(p_gift gifts.gift_codes, p_status gifts.gift_status) RETURNS credits.transactions
    LANGUAGE plpgsql
    AS $$
declare
    v_row credits.transactions := credits._post_transaction(
        credits._lock_balance(p_gift.creator_id, p_create => false),
        'gift',
        p_gift.total_credits - p_gift.credits_per_portion * p_gift.claimed_portions,
        case when p_status = 'cancelled' then 'Gift cancelled' else 'Gift expired' end,
        p_reference_id => p_gift.id::text,
        p_reversal => true
    );
    v_charge credits.transactions;
begin
    update gifts.gift_codes
    set status = p_status, refunded_credits = v_row.amount, refund_transaction_id = v_row.id, updated_at = v_row.created_at
    where code = p_gift.code;
    select * into v_charge
    from credits.transactions
    where user_id = p_gift.creator_id and id = p_gift.reservation_transaction_id;
    perform credits._restore_dated(v_charge, 0, v_row.amount, v_row.created_at);
    return v_row;
end
$$;
ALTER FUNCTION gifts._return_unclaimed(p_gift gifts.gift_codes, p_status gifts.gift_status) OWNER TO credits_owner;

CREATE FUNCTION gifts._riddle_hash(p_answer text, p_salt text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $$
declare
    v_hash bytea := sha256(convert_to(p_salt || ':' || gifts._fold_answer(p_answer), 'UTF8'));
begin
    for v_round in 1..1000 loop
        v_hash := sha256(v_hash);
    end loop;
    return p_salt || ':' || encode(v_hash, 'hex');
end
$$;
ALTER FUNCTION gifts._riddle_hash(p_answer text, p_salt text) OWNER TO credits_owner;

CREATE FUNCTION gifts._shown_name(p_name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case when credits._plain_spaces(p_name) !~ '[^@ ]@[^@ ]' then nullif(credits._clean_text(btrim(p_name, E' \t\r\n'), 80), '') end
$$;
ALTER FUNCTION gifts._shown_name(p_name text) OWNER TO credits_owner;

CREATE FUNCTION gifts._status_now(p_status gifts.gift_status, p_expires_at timestamp with time zone) RETURNS gifts.gift_status
    LANGUAGE sql STABLE
    AS $$
    select case when p_status = 'active' and p_expires_at <= credits._now() then 'expired' else p_status end
$$;
ALTER FUNCTION gifts._status_now(p_status gifts.gift_status, p_expires_at timestamp with time zone) OWNER TO credits_owner;

CREATE FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) RETURNS TABLE(gift_id uuid, refunded_credits numeric, balance numeric, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_gift gifts.gift_codes;
    v_row credits.transactions;
begin
    select * into v_gift
    from gifts.gift_codes g
    where g.creator_id = p_creator_id and g.id = p_gift_id
    for no key update;
    if not found then
        perform gifts._refuse_unknown();
    end if;
    if v_gift.status = 'cancelled' then
        return query
        select v_gift.id, v_gift.refunded_credits, a.balance_after - a.reserved_after, true
        from credits.transactions t
        cross join lateral credits._standing_after(t) a
        where t.user_id = p_creator_id and t.id = v_gift.refund_transaction_id;
        return;
    end if;
    if v_gift.status <> 'active' then
        perform gifts._refuse_inactive(v_gift.status);
    end if;
    perform credits._check_cap('gift', coalesce(v_gift.source_app_id, 'unknown'), 0);
    v_row := gifts._return_unclaimed(v_gift, 'cancelled');
    return query
    select v_gift.id, v_row.amount, a.balance_after - a.reserved_after, false
    from credits._standing_after(v_row) a;
end
$$;
ALTER FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) OWNER TO credits_owner;

CREATE FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text DEFAULT NULL::text, p_total_portions integer DEFAULT NULL::integer, p_target_email text DEFAULT NULL::text, p_target_matrix_id text DEFAULT NULL::text, p_riddle_question text DEFAULT NULL::text, p_riddle_answer text DEFAULT NULL::text, p_message text DEFAULT NULL::text, p_expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_expiration_days integer DEFAULT NULL::integer, p_creator_name text DEFAULT NULL::text, p_source_app_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text) RETURNS TABLE(id uuid, code text, short_url text, type gifts.gift_type, status gifts.gift_status, total_credits numeric, credits_per_portion numeric, total_portions integer, claimed_portions integer, remaining_portions integer, target_email text, target_matrix_id text, riddle_question text, message text, expires_at timestamp with time zone, created_at timestamp with time zone, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_type gifts.gift_type := gifts._gift_type(
        p_type, p_total_portions, coalesce(p_target_email, p_target_matrix_id), p_riddle_question
    );
    v_portions integer := coalesce(p_total_portions, 1);
    v_digest bytea;
    v_balance credits.balances;
    v_charge credits.transactions;
    v_gift gifts.gift_codes;
    v_replayed boolean := false;
begin
    perform credits._check_id('creatorId', p_creator_id);
    perform gifts._check_request(
        v_type, p_total_credits, v_portions, p_target_email, p_target_matrix_id, p_riddle_question, p_riddle_answer,
        p_expires_at, p_expiration_days, p_source_app_id, p_idempotency_key
    );
    p_message := credits._clean_text(p_message, 500);
    v_digest := sha256(convert_to(jsonb_build_array(
        trim_scale(p_total_credits), v_type, v_portions, credits._fold_address(p_target_email), p_target_matrix_id, p_riddle_question,
        p_message, extract(epoch from p_expires_at), p_expiration_days, p_source_app_id
    )::text, 'UTF8'));
    v_balance := credits._lock_balance(p_creator_id, p_create => false);
    if p_idempotency_key is not null then
        v_charge := credits._find_movement(v_balance, p_idempotency_key);
        if v_charge.id is not null then
            select * into v_gift
            from gifts.gift_codes g
            where g.creator_id = p_creator_id and g.id::text = v_charge.reference_id and v_charge.type = 'gift';
            if v_gift.request_digest = '' then
                -- Whom it was for has been erased, and nothing of them was kept: the rest is compared.
                v_digest := case
                    when coalesce(p_target_email, p_target_matrix_id) is not null
                        and (
                            v_gift.total_credits, v_gift.total_portions, v_gift.type, v_gift.riddle_question, v_gift.message,
                            v_gift.expires_at, v_gift.source_app_id
                        ) is not distinct from (
                            trunc(p_total_credits / v_portions) * v_portions, v_portions, v_type, p_riddle_question, p_message,
                            coalesce(p_expires_at, v_gift.expires_at), p_source_app_id
                        )
                        then ''
                end;
                v_gift.target_email := p_target_email;
                v_gift.target_matrix_id := p_target_matrix_id;
            end if;
            if v_gift.request_digest is distinct from v_digest
                or v_charge.id is distinct from v_gift.reservation_transaction_id
                or (p_riddle_answer is not null and not gifts._answer_is_right(p_riddle_answer, v_gift.riddle_answer_hash))
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            -- The first answer, whatever has become of the gift since.
            v_gift.claimed_portions := 0;
            v_gift.status := 'active';
            v_replayed := true;
        end if;
    end if;
    if not v_replayed then
        if p_expires_at <= credits._now() or p_expires_at > credits._now() + interval '3650 days' then
            perform credits._refuse_invalid('expiresAt', 'must lie in the future, at most 3650 days from now');
        end if;
        v_gift.id := credits._new_id();
        v_gift.credits_per_portion := trunc(p_total_credits / v_portions);
        v_gift.total_credits := v_gift.credits_per_portion * v_portions;
        perform credits._check_cap('gift', coalesce(p_source_app_id, 'unknown'), v_gift.total_credits);
        if v_balance.balance >= v_gift.total_credits is not true then
            perform credits._refuse_insufficient(v_gift.total_credits, v_balance.balance);
        end if;
        v_charge := credits._post_transaction(
            v_balance, 'gift', -v_gift.total_credits, 'Gift created', p_source_app_id, p_idempotency_key,
            p_reference_id => v_gift.id::text
        );
        loop
            insert into gifts.gift_codes (
                code, id, creator_id, creator_name, total_credits, credits_per_portion, total_portions, type, target_email,
                target_hash, target_matrix_id, riddle_question, riddle_answer_hash, message, expires_at, source_app_id,
                reservation_transaction_id, request_digest, created_at, updated_at
            )
            values (
                gifts._new_code(), v_gift.id, p_creator_id, gifts._shown_name(p_creator_name),
                v_gift.total_credits, v_gift.credits_per_portion, v_portions, v_type, p_target_email,
                (select credits._address_hash(p_target_email, k.key) from credits.address_key k), p_target_matrix_id,
                p_riddle_question,
                case when p_riddle_answer is not null then
                    gifts._riddle_hash(p_riddle_answer, replace(gen_random_uuid()::text, '-', ''))
                end,
                p_message,
                coalesce(p_expires_at, v_charge.created_at + make_interval(days => coalesce(p_expiration_days, 90))),
                p_source_app_id, v_charge.id, v_digest, v_charge.created_at, v_charge.created_at
            )
            on conflict (code) do nothing
            returning * into v_gift;
            exit when found;
        end loop;
    end if;
    return query select
        v_gift.id, v_gift.code, v_gift.short_url, v_gift.type, v_gift.status, v_gift.total_credits,
        v_gift.credits_per_portion, v_gift.total_portions, v_gift.claimed_portions,
        v_gift.total_portions - v_gift.claimed_portions, v_gift.target_email, v_gift.target_matrix_id,
        v_gift.riddle_question, v_gift.message, v_gift.expires_at, v_gift.created_at, v_replayed;
end
$$;
ALTER FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text) OWNER TO credits_owner;

CREATE FUNCTION gifts.expire_gifts(p_limit integer DEFAULT 100) RETURNS TABLE(gifts_expired integer, credits_refunded numeric)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_due gifts.gift_codes[];
    v_gift gifts.gift_codes;
    v_row credits.transactions;
    v_count integer := 0;
    v_credits numeric := 0;
begin
    perform credits._check_limit(p_limit, 10000);
    -- Nothing here is waited for: a creator whom somebody has locked, or whose balance is full, keeps nobody else from theirs.
    select array_agg(due order by due.creator_id, due.id) into v_due
    from (
        select g.*
        from gifts.gift_codes g
        join credits.balances b on b.user_id = g.creator_id
        where g.status = 'active'
            and g.expires_at <= credits._now()
            and b.balance + b.reserved + g.total_credits - g.credits_per_portion * g.claimed_portions <= 999999999999.999999
        order by g.expires_at
        limit p_limit
        for no key update skip locked
    ) due;
    foreach v_gift in array coalesce(v_due, '{}') loop
        begin
            v_row := gifts._return_unclaimed(v_gift, 'refunded');
            v_count := v_count + 1;
            v_credits := v_credits + v_row.amount;
        exception when sqlstate 'UC008' then
            -- An earlier one has filled their creator's balance: paid back when there is room again.
            continue;
        end;
    end loop;
    return query select v_count, v_credits;
end
$$;
ALTER FUNCTION gifts.expire_gifts(p_limit integer) OWNER TO credits_owner;

CREATE FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text DEFAULT NULL::text, p_matrix_id text DEFAULT NULL::text, p_riddle_answer text DEFAULT NULL::text, p_source_app_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text) RETURNS TABLE(status gifts.redemption_status, gift_status gifts.gift_status, gift_code_id uuid, code text, credits_received numeric, portion_number integer, transaction_id uuid, new_balance numeric, message text, creator_name text, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_gift gifts.gift_codes;
    v_balance credits.balances;
    v_row credits.transactions;
    v_refusal gifts.redemption_status;
    v_replayed boolean := false;
begin
    perform credits._check_id('userId', p_user_id);
    if p_source_app_id is not null then
        perform credits._check_id('sourceAppId', p_source_app_id);
    end if;
    perform credits._check_key(p_idempotency_key);
    select * into v_gift from gifts.gift_codes g where g.code = gifts._normalize_code(p_code) for no key update;
    if not found then
        perform gifts._refuse_unknown();
    end if;
    perform credits._remember_address(p_user_id, p_email);
    if p_idempotency_key is not null then
        v_balance := credits._lock_balance(p_user_id, p_create => true);
        v_row := credits._find_movement(v_balance, p_idempotency_key);
        v_replayed := v_row.id is not null;
    end if;
    if v_replayed then
        if v_row.type <> 'gift' or v_row.amount < 0 or v_row.reference_id is distinct from v_gift.id::text
            or v_row.app_id is distinct from p_source_app_id
            or (
                p_riddle_answer is not null
                -- Empty where its creator has been erased.
                and v_gift.riddle_answer_hash <> ''
                and not gifts._answer_is_right(left(p_riddle_answer, 200), v_gift.riddle_answer_hash)
            )
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
    else
        perform credits._check_cap('redeem', coalesce(p_source_app_id, 'unknown'), 0);
        perform gifts._check_attempts(v_gift, p_user_id);
        v_refusal := gifts._refusal(v_gift, p_user_id, p_email, p_matrix_id, p_riddle_answer);
        if v_refusal is not null then
            insert into gifts.gift_redemptions (code, id, gift_code_id, redeemer_user_id, status, source_app_id, created_at)
            values (v_gift.code, credits._new_id(), v_gift.id, p_user_id, v_refusal, p_source_app_id, credits._now());
            return query select
                v_refusal, gifts._status_now(v_gift.status, v_gift.expires_at), v_gift.id, v_gift.code, 0::numeric,
                null::integer, null::uuid, null::numeric, null::text, null::text, false;
            return;
        end if;
        v_balance := credits._lock_balance(p_user_id, p_create => true);
        v_row := gifts._claim_portion(v_gift, v_balance, p_source_app_id, p_idempotency_key);
    end if;
    return query
    select
        r.status, g.status, g.id, g.code, r.credits_received, r.portion_number, v_row.id,
        v_row.balance_after - v_row.reserved_after, g.message, g.creator_name, v_replayed
    from gifts.gift_redemptions r
    join gifts.gift_codes g on g.code = r.code
    where r.code = v_gift.code and r.id = v_row.id;
end
$$;
ALTER FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) OWNER TO credits_owner;

CREATE TABLE credits.address_key (
    only_row boolean DEFAULT true NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT address_key_cannot_be_guessed CHECK ((octet_length(key) = 32)),
    CONSTRAINT address_key_has_one_row CHECK (only_row)
);
ALTER TABLE credits.address_key OWNER TO credits_owner;

CREATE UNLOGGED TABLE credits.attempts (
    subject text NOT NULL,
    kind text NOT NULL,
    free_at timestamp with time zone NOT NULL,
    CONSTRAINT attempts_subject_length CHECK ((char_length(subject) <= 128))
)
WITH (fillfactor='50');
ALTER TABLE credits.attempts OWNER TO credits_owner;

CREATE TABLE credits.dated_credits (
    user_id credits.account_id NOT NULL,
    id uuid NOT NULL,
    granted numeric(15,6) NOT NULL,
    remaining numeric(15,6) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT dated_credits_remain_in_range CHECK (((granted > (0)::numeric) AND ((remaining >= (0)::numeric) AND (remaining <= granted))))
);
ALTER TABLE credits.dated_credits OWNER TO credits_owner;

CREATE TABLE credits.dated_movements (
    user_id credits.account_id NOT NULL,
    id uuid NOT NULL,
    dated_id uuid NOT NULL,
    cause_id uuid NOT NULL,
    amount numeric(15,6) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT dated_movements_move_something CHECK ((amount <> (0)::numeric))
);
ALTER TABLE credits.dated_movements OWNER TO credits_owner;

CREATE TABLE credits.events (
    "position" bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    user_id text,
    organization_id text,
    data jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE credits.events OWNER TO credits_owner;

CREATE TABLE credits.guild_member_spending (
    organization_id text NOT NULL,
    user_id text NOT NULL,
    day date NOT NULL,
    spent numeric(18,6) NOT NULL,
    reserved numeric(18,6) DEFAULT 0 NOT NULL,
    CONSTRAINT guild_member_spending_never_negative CHECK ((spent >= (0)::numeric)),
    CONSTRAINT guild_member_spending_reserved_never_negative CHECK ((reserved >= (0)::numeric))
)
WITH (fillfactor='70');
ALTER TABLE credits.guild_member_spending OWNER TO credits_owner;

CREATE TABLE credits.guild_spending_limits (
    organization_id credits.account_id NOT NULL,
    user_id credits.account_id NOT NULL,
    daily_limit numeric(15,6),
    monthly_limit numeric(15,6),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT guild_spending_limits_in_range CHECK ((((daily_limit >= (0)::numeric) AND (daily_limit <= 999999999.999999)) AND ((monthly_limit >= (0)::numeric) AND (monthly_limit <= 999999999.999999))))
);
ALTER TABLE credits.guild_spending_limits OWNER TO credits_owner;

CREATE TABLE credits.known_addresses (
    user_id text NOT NULL,
    address_hash bytea NOT NULL,
    CONSTRAINT known_addresses_are_sha256 CHECK ((octet_length(address_hash) = 32))
);
ALTER TABLE credits.known_addresses OWNER TO credits_owner;

CREATE TABLE credits.outbox (
    number bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    user_id text,
    organization_id text,
    data jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE credits.outbox OWNER TO credits_owner;

CREATE TABLE credits.purchase_disputes (
    user_id credits.account_id NOT NULL,
    purchase_id uuid NOT NULL,
    stripe_dispute_id text NOT NULL,
    amount_cents integer NOT NULL,
    status credits.dispute_status NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT purchase_disputes_are_about_something CHECK ((amount_cents >= 0))
);
ALTER TABLE credits.purchase_disputes OWNER TO credits_owner;

CREATE TABLE credits.seals (
    user_id text NOT NULL,
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT seals_are_sha256 CHECK ((octet_length(hash) = 32))
);
ALTER TABLE credits.seals OWNER TO credits_owner;

CREATE TABLE credits.service_cap_usage (
    caller text NOT NULL,
    day date NOT NULL,
    amount numeric(24,6) NOT NULL,
    CONSTRAINT service_cap_usage_never_negative CHECK ((amount >= (0)::numeric))
);
ALTER TABLE credits.service_cap_usage OWNER TO credits_owner;

CREATE TABLE credits.service_caps (
    caller text NOT NULL,
    operations text[],
    app_ids text[],
    max_amount numeric(15,6),
    max_amount_per_day numeric(18,6),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT service_caps_know_their_operations CHECK ((operations <@ ARRAY['init'::text, 'use'::text, 'use_guild'::text, 'refund'::text, 'grant'::text, 'reserve'::text, 'commit'::text, 'release'::text, 'fund_guild'::text, 'set_limits'::text, 'gift'::text, 'redeem'::text, 'erase'::text])),
    CONSTRAINT service_caps_never_negative CHECK (((max_amount >= (0)::numeric) AND (max_amount_per_day >= (0)::numeric)))
);
ALTER TABLE credits.service_caps OWNER TO credits_owner;

CREATE TABLE credits.settings (
    only_row boolean DEFAULT true NOT NULL,
    limits_time_zone text DEFAULT 'UTC'::text NOT NULL,
    CONSTRAINT settings_have_one_row CHECK (only_row)
);
ALTER TABLE credits.settings OWNER TO credits_owner;

CREATE TABLE credits.stripe_customer_deletions (
    stripe_customer_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE credits.stripe_customer_deletions OWNER TO credits_owner;

CREATE TABLE credits.stripe_customers (
    user_id credits.account_id NOT NULL,
    stripe_customer_id text NOT NULL,
    email text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE credits.stripe_customers OWNER TO credits_owner;

CREATE TABLE credits.usage_folds (
    user_id text NOT NULL,
    app_id text NOT NULL,
    date date NOT NULL,
    credits_used numeric(24,6) NOT NULL,
    transactions_count bigint NOT NULL
)
WITH (fillfactor='70');
ALTER TABLE credits.usage_folds OWNER TO credits_owner;

CREATE TABLE credits.usage_marks (
    user_id text NOT NULL,
    last_id uuid NOT NULL
);
ALTER TABLE credits.usage_marks OWNER TO credits_owner;

CREATE TABLE gifts.gift_redemptions (
    code text NOT NULL,
    id uuid NOT NULL,
    gift_code_id uuid NOT NULL,
    redeemer_user_id credits.account_id NOT NULL,
    status gifts.redemption_status NOT NULL,
    credits_received numeric(15,6) DEFAULT 0 NOT NULL,
    portion_number integer,
    credit_transaction_id uuid,
    source_app_id text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT gift_redemptions_success_pays CHECK ((((status = 'success'::gifts.redemption_status) = (credits_received > (0)::numeric)) AND ((status = 'success'::gifts.redemption_status) = (portion_number IS NOT NULL)) AND ((status = 'success'::gifts.redemption_status) = (credit_transaction_id IS NOT NULL))))
);
ALTER TABLE gifts.gift_redemptions OWNER TO credits_owner;

ALTER TABLE ONLY credits.address_key
    ADD CONSTRAINT address_key_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY credits.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (subject, kind);

ALTER TABLE ONLY credits.balances
    ADD CONSTRAINT balances_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY credits.dated_credits
    ADD CONSTRAINT dated_credits_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY credits.dated_movements
    ADD CONSTRAINT dated_movements_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY credits.event_consumers
    ADD CONSTRAINT event_consumers_pkey PRIMARY KEY (consumer);

ALTER TABLE ONLY credits.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY credits.guild_member_spending
    ADD CONSTRAINT guild_member_spending_pkey PRIMARY KEY (organization_id, user_id, day);

ALTER TABLE ONLY credits.guild_pools
    ADD CONSTRAINT guild_pools_pkey PRIMARY KEY (organization_id);

ALTER TABLE ONLY credits.guild_spending_limits
    ADD CONSTRAINT guild_spending_limits_pkey PRIMARY KEY (organization_id, user_id);

ALTER TABLE ONLY credits.guild_transactions
    ADD CONSTRAINT guild_transactions_pkey PRIMARY KEY (organization_id, id);

ALTER TABLE ONLY credits.known_addresses
    ADD CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, address_hash);

ALTER TABLE ONLY credits.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (number);

ALTER TABLE ONLY credits.purchase_disputes
    ADD CONSTRAINT purchase_disputes_pkey PRIMARY KEY (user_id, purchase_id, stripe_dispute_id);

ALTER TABLE ONLY credits.purchases
    ADD CONSTRAINT purchases_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY credits.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY credits.seals
    ADD CONSTRAINT seals_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY credits.service_cap_usage
    ADD CONSTRAINT service_cap_usage_pkey PRIMARY KEY (caller, day);

ALTER TABLE ONLY credits.service_caps
    ADD CONSTRAINT service_caps_pkey PRIMARY KEY (caller);

ALTER TABLE ONLY credits.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY credits.stripe_customer_deletions
    ADD CONSTRAINT stripe_customer_deletions_pkey PRIMARY KEY (stripe_customer_id);

ALTER TABLE ONLY credits.stripe_customers
    ADD CONSTRAINT stripe_customers_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY credits.transactions
    ADD CONSTRAINT transactions_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY credits.usage_folds
    ADD CONSTRAINT usage_folds_pkey PRIMARY KEY (user_id, date, app_id);

ALTER TABLE ONLY credits.usage_marks
    ADD CONSTRAINT usage_marks_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY gifts.gift_codes
    ADD CONSTRAINT gift_codes_pkey PRIMARY KEY (code);

ALTER TABLE ONLY gifts.gift_redemptions
    ADD CONSTRAINT gift_redemptions_pkey PRIMARY KEY (code, id);

CREATE INDEX dated_credits_open ON credits.dated_credits USING btree (user_id, expires_at, id) WHERE (remaining > (0)::numeric);

CREATE INDEX dated_credits_to_expire ON credits.dated_credits USING btree (expires_at) WHERE (remaining > (0)::numeric);

CREATE INDEX dated_movements_by_cause ON credits.dated_movements USING btree (user_id, cause_id);

CREATE INDEX events_of_user ON credits.events USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX guild_member_spending_by_user ON credits.guild_member_spending USING btree (user_id);

CREATE INDEX guild_spending_limits_by_user ON credits.guild_spending_limits USING btree (user_id);

CREATE UNIQUE INDEX guild_transactions_idempotency_key ON credits.guild_transactions USING btree (organization_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX guild_transactions_of_member ON credits.guild_transactions USING btree (user_id, organization_id, id);

CREATE INDEX guild_transactions_refunds ON credits.guild_transactions USING btree (organization_id, reference_id) WHERE (type = 'refund'::credits.guild_transaction_type);

CREATE INDEX purchase_disputes_lost ON credits.purchase_disputes USING btree (updated_at) WHERE (status = 'lost'::credits.dispute_status);

CREATE INDEX purchase_disputes_open ON credits.purchase_disputes USING btree (created_at) WHERE (status = 'open'::credits.dispute_status);

CREATE INDEX purchases_checkout_session ON credits.purchases USING btree (stripe_checkout_session_id) WHERE (stripe_checkout_session_id IS NOT NULL);

CREATE INDEX purchases_completed ON credits.purchases USING btree (completed_at) WHERE (completed_at IS NOT NULL);

CREATE UNIQUE INDEX purchases_idempotency_key ON credits.purchases USING btree (user_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX purchases_of_the_erased ON credits.purchases USING btree (id) WHERE ((user_id)::text ~~ 'erased:%'::text);

CREATE INDEX purchases_payment_intent ON credits.purchases USING btree (stripe_payment_intent_id) WHERE (stripe_payment_intent_id IS NOT NULL);

CREATE INDEX purchases_refunded ON credits.purchases USING btree (updated_at) WHERE (refunded_cents > 0);

CREATE INDEX purchases_unsettled ON credits.purchases USING btree (created_at) WHERE ((status = 'processing'::credits.purchase_status) OR ((status = 'pending'::credits.purchase_status) AND (stripe_payment_intent_id IS NULL) AND (stripe_checkout_session_id IS NULL)));

CREATE INDEX reservations_by_id ON credits.reservations USING btree (id);

CREATE INDEX reservations_by_user ON credits.reservations USING btree (user_id);

CREATE INDEX reservations_continuing ON credits.reservations USING btree (account_id, continues, id) WHERE (continues IS NOT NULL);

CREATE INDEX reservations_held ON credits.reservations USING btree (account_id, expires_at) WHERE (status = 'held'::credits.reservation_status);

CREATE UNIQUE INDEX reservations_idempotency_key ON credits.reservations USING btree (account_id, ((organization_id IS NOT NULL)), idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX reservations_outlasting ON credits.reservations USING btree (account_id, expires_at) WHERE ((expires_at - created_at) > '30 days'::interval);

CREATE INDEX reservations_to_expire ON credits.reservations USING btree (expires_at) WHERE (status = 'held'::credits.reservation_status);

CREATE UNIQUE INDEX transactions_idempotency_key ON credits.transactions USING btree (user_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE UNIQUE INDEX transactions_once_per_source ON credits.transactions USING btree (user_id, type, reference_id) WHERE (type = ANY (ARRAY['purchase'::credits.transaction_type, 'grant'::credits.transaction_type]));

CREATE INDEX transactions_refunds ON credits.transactions USING btree (user_id, reference_id) WHERE ((type = 'refund'::credits.transaction_type) AND (reference_id IS NOT NULL));

CREATE INDEX gift_codes_by_address ON gifts.gift_codes USING btree (lower((target_email COLLATE "C"))) WHERE ((status = 'active'::gifts.gift_status) AND (target_email IS NOT NULL));

CREATE UNIQUE INDEX gift_codes_by_creator ON gifts.gift_codes USING btree (creator_id, id);

CREATE INDEX gift_codes_by_matrix_id ON gifts.gift_codes USING btree (target_matrix_id) WHERE (target_matrix_id IS NOT NULL);

CREATE INDEX gift_codes_by_target_hash ON gifts.gift_codes USING btree (target_hash) WHERE (target_hash IS NOT NULL);

CREATE INDEX gift_codes_to_expire ON gifts.gift_codes USING btree (expires_at) WHERE (status = 'active'::gifts.gift_status);

CREATE INDEX gift_redemptions_by_user ON gifts.gift_redemptions USING btree (redeemer_user_id);

CREATE UNIQUE INDEX gift_redemptions_each_portion_once ON gifts.gift_redemptions USING btree (code, portion_number) WHERE (status = 'success'::gifts.redemption_status);

CREATE INDEX gift_redemptions_failed_by_user ON gifts.gift_redemptions USING btree (code, redeemer_user_id, id) WHERE (status <> 'success'::gifts.redemption_status);

CREATE UNIQUE INDEX gift_redemptions_one_a_person ON gifts.gift_redemptions USING btree (code, redeemer_user_id) WHERE (status = 'success'::gifts.redemption_status);

CREATE INDEX gift_redemptions_received ON gifts.gift_redemptions USING btree (redeemer_user_id, id) WHERE (status = 'success'::gifts.redemption_status);

CREATE INDEX gift_redemptions_wrong_answers ON gifts.gift_redemptions USING btree (code, id) WHERE (status = 'failed_wrong_answer'::gifts.redemption_status);

CREATE TRIGGER apply_guild_transaction BEFORE INSERT ON credits.guild_transactions FOR EACH ROW WHEN (((new.sequence IS NULL) OR (current_setting('credits.posting'::text, true) IS DISTINCT FROM 'direct'::text))) EXECUTE FUNCTION credits._apply_guild_transaction();

CREATE TRIGGER apply_transaction BEFORE INSERT ON credits.transactions FOR EACH ROW WHEN (((new.sequence IS NULL) OR (current_setting('credits.posting'::text, true) IS DISTINCT FROM 'direct'::text))) EXECUTE FUNCTION credits._apply_transaction();

CREATE CONSTRAINT TRIGGER check_counterpart AFTER INSERT ON credits.transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.reference_id IS NOT NULL)) EXECUTE FUNCTION credits._check_counterpart();

CREATE CONSTRAINT TRIGGER check_erasure AFTER UPDATE OF user_id ON credits.balances DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._check_renamed_balance();

CREATE CONSTRAINT TRIGGER check_erasure AFTER UPDATE OF user_id ON credits.dated_credits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._check_renamed_dated();

CREATE TRIGGER check_erasure AFTER UPDATE ON credits.dated_movements REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credits._check_dated_erasure();

CREATE CONSTRAINT TRIGGER check_erasure AFTER UPDATE OF user_id ON credits.guild_member_spending DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._check_renamed_counter();

CREATE TRIGGER check_erasure AFTER UPDATE ON credits.guild_transactions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credits._check_guild_erasure();

CREATE CONSTRAINT TRIGGER check_erasure AFTER UPDATE OF user_id ON credits.seals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._check_renamed_seal();

CREATE TRIGGER check_erasure AFTER UPDATE ON credits.transactions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credits._check_erasure();

CREATE CONSTRAINT TRIGGER check_guild_counterpart AFTER INSERT ON credits.guild_transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.reference_id IS NOT NULL)) EXECUTE FUNCTION credits._check_guild_counterpart();

CREATE TRIGGER check_purchase AFTER INSERT OR UPDATE ON credits.purchases FOR EACH ROW WHEN ((new.status = 'completed'::credits.purchase_status)) EXECUTE FUNCTION credits._check_purchase();

CREATE TRIGGER fold_dated_credits AFTER INSERT ON credits.dated_credits FOR EACH ROW EXECUTE FUNCTION credits._fold_dated_credits();

CREATE TRIGGER fold_dated_movement AFTER INSERT ON credits.dated_movements FOR EACH ROW EXECUTE FUNCTION credits._fold_dated_movement();

CREATE TRIGGER fold_reservation AFTER INSERT OR UPDATE ON credits.reservations FOR EACH ROW EXECUTE FUNCTION credits._fold_reservation();

CREATE TRIGGER protect_address_key BEFORE DELETE OR UPDATE ON credits.address_key FOR EACH ROW EXECUTE FUNCTION credits._protect_address_key();

CREATE TRIGGER protect_amounts BEFORE UPDATE OF balance, total_earned, total_spent, reserved, clawed_back, version, last_transaction_id, reservations_count, next_expiry, created_at, updated_at ON credits.balances FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_amounts();

CREATE TRIGGER protect_amounts BEFORE UPDATE ON credits.dated_credits FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_amounts BEFORE INSERT OR DELETE OR UPDATE OF organization_id, day, spent, reserved ON credits.guild_member_spending FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_amounts();

CREATE TRIGGER protect_amounts BEFORE UPDATE OF organization_id, balance, total_funded, total_spent, reserved, version, last_transaction_id, reservations_count, created_at, updated_at ON credits.guild_pools FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_amounts();

CREATE TRIGGER protect_amounts BEFORE INSERT OR DELETE OR UPDATE ON credits.usage_folds FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND (current_setting('credits.posting'::text, true) IS DISTINCT FROM 'direct'::text))) EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_amounts BEFORE INSERT OR DELETE OR UPDATE ON credits.usage_marks FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND (current_setting('credits.posting'::text, true) IS DISTINCT FROM 'direct'::text))) EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_delete BEFORE DELETE ON credits.balances FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_delete BEFORE DELETE ON credits.dated_credits FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_delete BEFORE DELETE ON credits.guild_pools FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_invention BEFORE INSERT ON credits.balances FOR EACH ROW WHEN (((new.version <> 0) OR (new.balance <> (0)::numeric) OR (new.reserved <> (0)::numeric) OR (new.total_earned <> (0)::numeric) OR (new.clawed_back <> (0)::numeric) OR (new.reservations_count <> 0) OR (new.next_expiry IS NOT NULL) OR (new.last_transaction_id IS NOT NULL))) EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_invention BEFORE INSERT ON credits.guild_pools FOR EACH ROW WHEN (((new.version <> 0) OR (new.balance <> (0)::numeric) OR (new.reserved <> (0)::numeric) OR (new.total_funded <> (0)::numeric) OR (new.reservations_count <> 0) OR (new.last_transaction_id IS NOT NULL))) EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.address_key FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_address_key();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.balances FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.dated_credits FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.guild_member_spending FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.guild_pools FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.reservations FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_reservations();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.settings FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_settings();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.usage_folds FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.usage_marks FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_identity BEFORE UPDATE OF user_id ON credits.guild_member_spending FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.dated_movements FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE credits.dated_movements ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.guild_transactions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE credits.guild_transactions ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.seals FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE credits.seals ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.transactions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE credits.transactions ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.dated_movements FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE credits.dated_movements ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.guild_transactions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE credits.guild_transactions ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.seals FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE credits.seals ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.transactions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE credits.transactions ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

CREATE TRIGGER protect_purchases BEFORE UPDATE ON credits.purchases FOR EACH ROW WHEN (((((((old.id IS DISTINCT FROM new.id) OR (old.package_id IS DISTINCT FROM new.package_id)) OR (old.credits IS DISTINCT FROM new.credits)) OR (old.price_euro_cents IS DISTINCT FROM new.price_euro_cents)) OR (old.currency IS DISTINCT FROM new.currency)) OR ((old.status = 'completed'::credits.purchase_status) AND ((old.status IS DISTINCT FROM new.status) OR (old.transaction_id IS DISTINCT FROM new.transaction_id))))) EXECUTE FUNCTION credits._protect_purchases();

CREATE TRIGGER protect_purchases_from_delete BEFORE DELETE ON credits.purchases FOR EACH ROW EXECUTE FUNCTION credits._protect_purchases();

CREATE TRIGGER protect_purchases_from_truncate BEFORE TRUNCATE ON credits.purchases FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_purchases();

CREATE TRIGGER protect_reservations BEFORE INSERT OR DELETE OR UPDATE ON credits.reservations FOR EACH ROW EXECUTE FUNCTION credits._protect_reservations();

CREATE TRIGGER protect_settings BEFORE DELETE OR UPDATE ON credits.settings FOR EACH ROW EXECUTE FUNCTION credits._protect_settings();

CREATE TRIGGER check_changed_gift AFTER UPDATE ON gifts.gift_codes FOR EACH ROW WHEN (((((((old.id IS DISTINCT FROM new.id) OR ((old.creator_id)::text IS DISTINCT FROM (new.creator_id)::text)) OR (old.total_credits IS DISTINCT FROM new.total_credits)) OR (old.refunded_credits IS DISTINCT FROM new.refunded_credits)) OR (old.reservation_transaction_id IS DISTINCT FROM new.reservation_transaction_id)) OR (old.refund_transaction_id IS DISTINCT FROM new.refund_transaction_id))) EXECUTE FUNCTION gifts._check_gift();

CREATE TRIGGER check_erasure AFTER UPDATE ON gifts.gift_redemptions FOR EACH ROW WHEN ((new.status = 'success'::gifts.redemption_status)) EXECUTE FUNCTION gifts._check_redeemer();

CREATE TRIGGER check_new_gift AFTER INSERT ON gifts.gift_codes FOR EACH ROW EXECUTE FUNCTION gifts._check_gift();

CREATE TRIGGER fold_redemption AFTER INSERT ON gifts.gift_redemptions FOR EACH ROW EXECUTE FUNCTION gifts._fold_redemption();

CREATE TRIGGER protect_claims BEFORE UPDATE ON gifts.gift_codes FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND (old.claimed_portions <> new.claimed_portions))) EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_delete BEFORE DELETE ON gifts.gift_codes FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON gifts.gift_codes FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON gifts.gift_redemptions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE gifts.gift_redemptions ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON gifts.gift_redemptions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();
ALTER TABLE gifts.gift_redemptions ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

CREATE TRIGGER protect_terms BEFORE UPDATE ON gifts.gift_codes FOR EACH ROW WHEN ((((old.status <> 'active'::gifts.gift_status) AND (old.status <> new.status)) OR ((((((old.code IS DISTINCT FROM new.code) OR (old.id IS DISTINCT FROM new.id)) OR (old.total_credits IS DISTINCT FROM new.total_credits)) OR (old.credits_per_portion IS DISTINCT FROM new.credits_per_portion)) OR (old.total_portions IS DISTINCT FROM new.total_portions)) OR (old.reservation_transaction_id IS DISTINCT FROM new.reservation_transaction_id)))) EXECUTE FUNCTION gifts._protect_terms();

ALTER TABLE ONLY gifts.gift_redemptions
    ADD CONSTRAINT gift_redemptions_gift_fkey FOREIGN KEY (code) REFERENCES gifts.gift_codes(code);

GRANT USAGE ON SCHEMA credits TO credits_api;
GRANT USAGE ON SCHEMA credits TO credits_service;

GRANT USAGE ON SCHEMA gifts TO credits_api;
GRANT USAGE ON SCHEMA gifts TO credits_service;

REVOKE ALL ON FUNCTION credits._address_hash(p_address text, p_key bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._addresses_of(p_user_id text, p_email text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._apply_guild_transaction() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._apply_reversals(p_purchase credits.purchases) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._apply_transaction() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._as_id(p_text text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._balance_at(p_user_id text, p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._balance_events_wanted() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._balance_now(p_balance credits.balances) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._caller() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_amount(p_amount numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_batch(p_items integer, p_shapes text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_cap(p_operation text, p_app_id text, p_amount numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_counterpart() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_dated_erasure() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_email(p_field text, p_email text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_erasure() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_guild_counterpart() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_guild_erasure() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_hold_length(p_expires_in_seconds integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_id(p_field text, p_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_key(p_idempotency_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_limit(p_limit bigint, p_most bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_limits(p_organization_id text, p_user_id text, p_day date, p_amount numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_metadata(p_metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_movement(p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_purchase() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_renamed_balance() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_renamed_counter() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_renamed_dated() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._check_renamed_seal() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._clean_text(p_text text, p_most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._coming_back(p_user_id text, p_balance numeric, p_holds uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._count_spending(p_organization_id text, p_user_id text, p_day date, p_amount numeric, p_limited boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._day_start(p_day date, p_time_zone text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._emit(p_type text, p_user_id text, p_organization_id text, p_data jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._emit_balance(p_user_id text, p_organization_id text, p_transaction_id uuid, p_type text, p_amount numeric, p_owned numeric, p_reserved numeric, p_app_id text, p_low_balance_at numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._emit_expiry(p_hold credits.reservations) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._erase_events(p_user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._expire_dated(p_user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._expired_at(p_user_id text, p_at timestamp with time zone, p_last_row_at timestamp with time zone, p_balance numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._find_guild_movement(p_pool credits.guild_pools, p_idempotency_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._find_movement(p_balance credits.balances, p_idempotency_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._fold_address(p_address text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._fold_dated_credits() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._fold_dated_movement() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._fold_reservation() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._fold_usage(p_user_id text, p_before uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._forfeit(p_user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._give_back_dated(p_user_id text, p_cause_id uuid, p_total numeric, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._guild_movement(p_row credits.guild_transactions, p_replayed boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._has_overdue_holds(p_account_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._hold(p_terms credits.reservations, p_available numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._holds_between(p_user_id text, p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._id_after(p_last uuid, p_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._id_floor(p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._is_amount(p_amount numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._is_email(p_email text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._is_erasure(p_old jsonb, p_new jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._is_id(p_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._is_metadata(p_metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._is_present_id(p_id uuid, p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._is_pseudonym(p_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._is_use(p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._limits_day() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._lock_balance(p_user_id text, p_create boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._lock_person(p_user_id text, p_email text, OUT addresses bytea[], OUT gifts_by_them text[], OUT gifts_for_them text[], OUT purchases uuid[], OUT pools text[], OUT has_account boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._lock_pool(p_organization_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._lock_purchase(p_user_id text, p_purchase_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._lock_reservation(p_reservation_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._matrix_ids_of(p_user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._member_spending(p_organization_id text, p_user_id text, p_day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._movement(p_row credits.transactions, p_replayed boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._new_id() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._next_id(p_last uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._note_next_expiry(p_user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._now() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._open_account(p_user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._plain_spaces(p_text text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._post_commit(p_held credits.reservations, p_description text, p_metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean, p_take_dated boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._protect_address_key() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._protect_amounts() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._protect_balances() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._protect_ledger() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._protect_purchases() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._protect_reservations() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._protect_settings() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_direct_write(p_schema text, p_table text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_ended(p_held credits.reservations) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_insufficient(p_required numeric, p_available numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_invalid(p_field text, p_problem text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_key_of_reservation(p_account_id text, p_of_guild boolean, p_idempotency_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_over_cap(p_cap text, p_figures json) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_over_limit(p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_part_of_erasure() FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_pseudonym(p_user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_reused_key(p_idempotency_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_row(p_account text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_too_large(p_balance numeric, p_amount numeric) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._refuse_unknown_pool(p_organization_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._remember_address(p_user_id text, p_address text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._repay_from_dated(p_user_id text, p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._restore_dated(p_debit credits.transactions, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._rewrite_identity(p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[], p_addresses bytea[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._settle_balance(p_user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._settle_pool(p_organization_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._shape(p_array anyarray) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._spendable(p_held credits.reservations) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._spending_windows(p_organization_id text, p_user_id text, p_day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._standing_after(p_row credits.transactions) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._take_dated(p_user_id text, p_cause_id uuid, p_amount numeric, p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._use_guild_step_by_step(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._use_step_by_step(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits._use_together(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb) TO credits_api;

REVOKE ALL ON FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text) TO credits_api;

REVOKE ALL ON FUNCTION credits.erase_user(p_user_id text, p_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.erase_user(p_user_id text, p_email text) TO credits_service;
GRANT ALL ON FUNCTION credits.erase_user(p_user_id text, p_email text) TO credits_api;

REVOKE ALL ON FUNCTION credits.extend_reservation(p_reservation_id uuid, p_expires_in_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.extend_reservation(p_reservation_id uuid, p_expires_in_seconds integer) TO credits_service;
GRANT ALL ON FUNCTION credits.extend_reservation(p_reservation_id uuid, p_expires_in_seconds integer) TO credits_api;

REVOKE ALL ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) TO credits_api;

REVOKE ALL ON FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone) TO credits_service;
GRANT ALL ON FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone) TO credits_api;

REVOKE ALL ON FUNCTION credits.get_guild_balance(p_organization_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_guild_balance(p_organization_id text) TO credits_api;

REVOKE ALL ON FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text) TO credits_service;
GRANT ALL ON FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text) TO credits_api;

REVOKE ALL ON FUNCTION credits.init_balance(p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.init_balance(p_user_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.init_balance(p_user_id text) TO credits_api;

REVOKE ALL ON FUNCTION credits.init_guild_pool(p_organization_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.init_guild_pool(p_organization_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.init_guild_pool(p_organization_id text) TO credits_api;

REVOKE ALL ON FUNCTION credits.list_transactions(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid, p_type text, p_app_id text, p_from timestamp with time zone, p_to timestamp with time zone, p_down_to uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_transactions(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid, p_type text, p_app_id text, p_from timestamp with time zone, p_to timestamp with time zone, p_down_to uuid) TO credits_api;

REVOKE ALL ON FUNCTION credits.release_reservation(p_reservation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.release_reservation(p_reservation_id uuid) TO credits_service;
GRANT ALL ON FUNCTION credits.release_reservation(p_reservation_id uuid) TO credits_api;

REVOKE ALL ON FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text) TO credits_api;

REVOKE ALL ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) TO credits_service;
GRANT ALL ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) TO credits_api;

REVOKE ALL ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_api;

REVOKE ALL ON FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) TO credits_service;
GRANT ALL ON FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) TO credits_api;

REVOKE ALL ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_api;

REVOKE ALL ON FUNCTION gifts._answer_is_right(p_answer text, p_hash text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._check_attempts(p_gift gifts.gift_codes, p_user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._check_character(p_text text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._check_gift() FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._check_redeemer() FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._claim_portion(p_gift gifts.gift_codes, p_balance credits.balances, p_source_app_id text, p_idempotency_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._fold_answer(p_answer text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._fold_letters(p_text text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._fold_redemption() FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._gift_type(p_type text, p_portions integer, p_target text, p_riddle_question text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._new_code() FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._normalize_code(p_code text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._protect_terms() FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._refusal(p_gift gifts.gift_codes, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._refuse_inactive(p_status gifts.gift_status) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._refuse_too_many_attempts(p_until timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._refuse_unknown() FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._return_unclaimed(p_gift gifts.gift_codes, p_status gifts.gift_status) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._riddle_hash(p_answer text, p_salt text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._shown_name(p_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts._status_now(p_status gifts.gift_status, p_expires_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) TO credits_service;
GRANT ALL ON FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) TO credits_api;

REVOKE ALL ON FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text) TO credits_service;
GRANT ALL ON FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text) TO credits_api;

REVOKE ALL ON FUNCTION gifts.expire_gifts(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.expire_gifts(p_limit integer) TO credits_service;
GRANT ALL ON FUNCTION gifts.expire_gifts(p_limit integer) TO credits_api;

REVOKE ALL ON FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) TO credits_service;
GRANT ALL ON FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) TO credits_api;

insert into credits.settings default values;
insert into credits.address_key (key) select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
