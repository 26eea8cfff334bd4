--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: credits; Type: SCHEMA; Schema: -; Owner: credits_owner
--

CREATE SCHEMA credits;

ALTER SCHEMA credits OWNER TO credits_owner;

--
-- Name: SCHEMA credits; Type: COMMENT; Schema: -; Owner: credits_owner
--

COMMENT ON SCHEMA credits IS 'Balances, guild pools and purchases: tables, and the functions that are the only way to move credits';

--
-- Name: gifts; Type: SCHEMA; Schema: -; Owner: credits_owner
--

CREATE SCHEMA gifts;

ALTER SCHEMA gifts OWNER TO credits_owner;

--
-- Name: SCHEMA gifts; Type: COMMENT; Schema: -; Owner: credits_owner
--

COMMENT ON SCHEMA gifts IS 'Gift codes and their redemptions';

--
-- Name: reconcile; Type: SCHEMA; Schema: -; Owner: credits_owner
--

CREATE SCHEMA reconcile;

ALTER SCHEMA reconcile OWNER TO credits_owner;

--
-- Name: SCHEMA reconcile; Type: COMMENT; Schema: -; Owner: credits_owner
--

COMMENT ON SCHEMA reconcile IS 'The books, proved: every view in here is empty when all is well';

--
-- Name: reconcile_new; Type: SCHEMA; Schema: -; Owner: credits_owner
--

CREATE SCHEMA reconcile_new;

ALTER SCHEMA reconcile_new OWNER TO credits_owner;

--
-- Name: SCHEMA reconcile_new; Type: COMMENT; Schema: -; Owner: credits_owner
--

COMMENT ON SCHEMA reconcile_new IS 'The checks of the schema reconcile over what is newer than the last clean run: a view here stands in for its namesake there in a run of scope new';

--
-- Name: account_id; Type: DOMAIN; Schema: credits; Owner: credits_owner
--

CREATE DOMAIN credits.account_id AS text
	CONSTRAINT account_id_is_plain_text CHECK (((VALUE <> ''::text) AND (char_length(VALUE) <= 128) AND (VALUE !~ '[\u0001-\u001f\u007f-\u009f]'::text)));

ALTER DOMAIN credits.account_id OWNER TO credits_owner;

--
-- Name: DOMAIN account_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON DOMAIN credits.account_id IS 'Opaque id of a user, guild or app: 1 to 128 characters, no control characters';

--
-- Name: dispute_status; Type: TYPE; Schema: credits; Owner: credits_owner
--

CREATE TYPE credits.dispute_status AS ENUM (
    'open',
    'won',
    'lost'
);

ALTER TYPE credits.dispute_status OWNER TO credits_owner;

--
-- Name: TYPE dispute_status; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.dispute_status IS 'Who has got the money of a disputed payment: open and lost take the credits, won gives them back';

--
-- Name: guild_transaction_type; Type: TYPE; Schema: credits; Owner: credits_owner
--

CREATE TYPE credits.guild_transaction_type AS ENUM (
    'funding',
    'usage',
    'refund'
);

ALTER TYPE credits.guild_transaction_type OWNER TO credits_owner;

--
-- Name: TYPE guild_transaction_type; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.guild_transaction_type IS 'Why a pool changed';

--
-- Name: guild_movement; Type: TYPE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TYPE guild_movement; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.guild_movement IS 'What a call that moves guild credits answers: its ledger row, the pool right after it, and whether this call repeats an earlier one';

--
-- Name: guild_use_outcome; Type: TYPE; Schema: credits; Owner: credits_owner
--

CREATE TYPE credits.guild_use_outcome AS (
	item integer,
	refusal text,
	refusal_message text,
	refusal_detail text,
	refusal_hint text,
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

ALTER TYPE credits.guild_use_outcome OWNER TO credits_owner;

--
-- Name: TYPE guild_use_outcome; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.guild_use_outcome IS 'What became of one item of a batch of debits of guild pools: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';

--
-- Name: transaction_status; Type: TYPE; Schema: credits; Owner: credits_owner
--

CREATE TYPE credits.transaction_status AS ENUM (
    'completed'
);

ALTER TYPE credits.transaction_status OWNER TO credits_owner;

--
-- Name: TYPE transaction_status; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.transaction_status IS 'A ledger row is written when the credits have moved, so there is one status';

--
-- Name: transaction_type; Type: TYPE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TYPE transaction_type; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.transaction_type IS 'Why a personal balance changed';

--
-- Name: movement; Type: TYPE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TYPE movement; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.movement IS 'What a call that moves personal credits answers: its ledger row, the account right after it, and whether this call repeats an earlier one';

--
-- Name: purchase_status; Type: TYPE; Schema: credits; Owner: credits_owner
--

CREATE TYPE credits.purchase_status AS ENUM (
    'pending',
    'processing',
    'completed',
    'failed',
    'cancelled'
);

ALTER TYPE credits.purchase_status OWNER TO credits_owner;

--
-- Name: TYPE purchase_status; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.purchase_status IS 'How far a payment has come; a completed purchase stays completed';

--
-- Name: reservation_status; Type: TYPE; Schema: credits; Owner: credits_owner
--

CREATE TYPE credits.reservation_status AS ENUM (
    'held',
    'committed',
    'released',
    'expired'
);

ALTER TYPE credits.reservation_status OWNER TO credits_owner;

--
-- Name: TYPE reservation_status; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.reservation_status IS 'A reservation is held until it is committed, released or past its time; each of these is final';

--
-- Name: use_outcome; Type: TYPE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TYPE use_outcome; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TYPE credits.use_outcome IS 'What became of one item of a batch of debits: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';

--
-- Name: gift_status; Type: TYPE; Schema: gifts; Owner: credits_owner
--

CREATE TYPE gifts.gift_status AS ENUM (
    'active',
    'depleted',
    'expired',
    'cancelled',
    'refunded'
);

ALTER TYPE gifts.gift_status OWNER TO credits_owner;

--
-- Name: TYPE gift_status; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TYPE gifts.gift_status IS 'active until all portions are claimed (depleted), the creator takes the rest back (cancelled) or it ran out of time and the rest was paid back (refunded); expired is how a gift past its time is shown until it is paid back';

--
-- Name: gift_type; Type: TYPE; Schema: gifts; Owner: credits_owner
--

CREATE TYPE gifts.gift_type AS ENUM (
    'simple',
    'personalized',
    'split',
    'first_come',
    'riddle'
);

ALTER TYPE gifts.gift_type OWNER TO credits_owner;

--
-- Name: TYPE gift_type; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TYPE gifts.gift_type IS 'How a gift is shared out';

--
-- Name: redemption_status; Type: TYPE; Schema: gifts; Owner: credits_owner
--

CREATE TYPE gifts.redemption_status AS ENUM (
    'success',
    'failed_wrong_answer',
    'failed_wrong_user',
    'failed_depleted',
    'failed_expired',
    'failed_already_claimed'
);

ALTER TYPE gifts.redemption_status OWNER TO credits_owner;

--
-- Name: TYPE redemption_status; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TYPE gifts.redemption_status IS 'How an attempt to redeem a gift ended';

--
-- Name: _addresses_of(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._addresses_of(p_user_id text, p_email text) RETURNS text[]
    LANGUAGE sql STABLE
    AS $$
    select coalesce(array_agg(lower(a.email)), '{}')
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
    ) a
    where a.email is not null
$$;

ALTER FUNCTION credits._addresses_of(p_user_id text, p_email text) OWNER TO credits_owner;

--
-- Name: FUNCTION _addresses_of(p_user_id text, p_email text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._addresses_of(p_user_id text, p_email text) IS 'The e-mail addresses of a person, in lower case: p_email, that known from Stripe, and those that they redeemed gifts with. Nothing that an erasure left in the place of an address is one';

--
-- Name: _apply_guild_transaction(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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
        and (new.metadata = '{}' or jsonb_typeof(new.metadata) = 'object' and octet_length(new.metadata::text) <= 16384)
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

--
-- Name: FUNCTION _apply_guild_transaction(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._apply_guild_transaction() IS 'Trigger: applies a new ledger row to its pool and its member''s spending, and fills in what follows from that: number, id, figures, time and caller. Refuses a row that is malformed, of no pool, or whose given figures do not continue the chain (UC017), or that goes beyond a limit (UC003). Locks the pool';

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: purchases; Type: TABLE; Schema: credits; Owner: credits_owner
--

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
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    completed_at timestamp with time zone,
    CONSTRAINT purchases_are_worth_something CHECK (((credits > (0)::numeric) AND (price_euro_cents > 0))),
    CONSTRAINT purchases_credited_when_completed CHECK ((((status = 'completed'::credits.purchase_status) = (transaction_id IS NOT NULL)) AND ((status = 'completed'::credits.purchase_status) = (completed_at IS NOT NULL)))),
    CONSTRAINT purchases_take_back_what_was_bought CHECK ((((refunded_cents >= 0) AND (refunded_cents <= price_euro_cents)) AND ((clawed_back_credits >= (0)::numeric) AND (clawed_back_credits <= credits)) AND ((status = 'completed'::credits.purchase_status) OR (clawed_back_credits = (0)::numeric))))
);

ALTER TABLE credits.purchases OWNER TO credits_owner;

--
-- Name: TABLE purchases; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.purchases IS 'Every purchase that was begun, at the price and size the package had then';

--
-- Name: COLUMN purchases.transaction_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.purchases.transaction_id IS 'The ledger row that credited it; there is at most one by transactions_once_per_source';

--
-- Name: COLUMN purchases.refunded_cents; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.purchases.refunded_cents IS 'How much of the payment Stripe has refunded, cumulative';

--
-- Name: COLUMN purchases.clawed_back_credits; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.purchases.clawed_back_credits IS 'How many of the credits are taken back at present for refunds and disputes';

--
-- Name: _apply_reversals(credits.purchases); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._apply_reversals(p_purchase credits.purchases) RETURNS TABLE(outcome text, clawed_back numeric, balance numeric)
    LANGUAGE plpgsql
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
        case when v_change > 0 then 'Payment refunded or disputed' else 'Dispute won' end,
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
    update credits.purchases p
    set clawed_back_credits = v_target, updated_at = v_row.created_at
    where p.user_id = p_purchase.user_id and p.id = p_purchase.id;
    return query select 'applied', v_target, b.balance from credits.balances b where b.user_id = p_purchase.user_id;
end
$$;

ALTER FUNCTION credits._apply_reversals(p_purchase credits.purchases) OWNER TO credits_owner;

--
-- Name: FUNCTION _apply_reversals(p_purchase credits.purchases); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._apply_reversals(p_purchase credits.purchases) IS 'Makes what is clawed back for a purchase, which the caller has locked, match what is refunded and disputed of its payment: one ledger row of type clawback for the difference. Locks the user''s balance';

--
-- Name: _apply_transaction(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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
        and (new.type in ('gift', 'clawback') or (new.amount > 0) = (new.type in ('purchase', 'refund', 'grant')))
        and (not new.reversal or new.type in ('refund', 'gift', 'clawback'))
        and (new.type in ('usage', 'refund', 'erasure') or new.reference_id is not null)
        and (new.type <> 'usage' or new.app_id is not null)
        -- Only what was clawed back may become a debt; a commit takes what was held.
        and (
            new.amount > 0 or new.type = 'clawback' or new.balance_after >= new.reserved_after
            or (new.type = 'usage' and new.reference_id is not null)
        )
        and (new.metadata = '{}' or jsonb_typeof(new.metadata) = 'object' and octet_length(new.metadata::text) <= 16384)
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

--
-- Name: FUNCTION _apply_transaction(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._apply_transaction() IS 'Trigger: applies a new ledger row to its balance, and fills in what follows from that: number, id, figures, times and caller. Refuses a row that is malformed, of no account, or whose given figures do not continue the chain (UC017). Locks the balance';

--
-- Name: _as_id(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._as_id(p_text text) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    select case when p_text ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_text::uuid end
$_$;

ALTER FUNCTION credits._as_id(p_text text) OWNER TO credits_owner;

--
-- Name: FUNCTION _as_id(p_text text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._as_id(p_text text) IS 'A reference as an id; null for one that is none';

--
-- Name: _assign_package_id(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._assign_package_id() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    new.id := credits._new_id();
    return new;
end
$$;

ALTER FUNCTION credits._assign_package_id() OWNER TO credits_owner;

--
-- Name: FUNCTION _assign_package_id(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._assign_package_id() IS 'Trigger: gives a package its id, so that a DBA adds one with a plain insert';

--
-- Name: _balance_at(text, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._balance_at(p_user_id text, p_at timestamp with time zone) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone, expiring jsonb)
    LANGUAGE plpgsql STABLE
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
    from credits.reservations r
    where r.account_id = p_user_id
        and r.organization_id is null
        -- No hold lasts longer than 7 days.
        and r.id >= credits._id_floor(p_at - interval '7 days')
        and r.id < credits._id_floor(p_at + interval '1 second')
        and r.created_at <= p_at
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

--
-- Name: FUNCTION _balance_at(p_user_id text, p_at timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._balance_at(p_user_id text, p_at timestamp with time zone) IS 'A balance as it was at a moment, from the ledger row before it, the reservations open then and the credits whose date had passed';

--
-- Name: _balance_events_wanted(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._balance_events_wanted() RETURNS boolean
    LANGUAGE sql STABLE
    AS $$select false$$;

ALTER FUNCTION credits._balance_events_wanted() OWNER TO credits_owner;

--
-- Name: FUNCTION _balance_events_wanted(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._balance_events_wanted() IS 'Whether a consumer may want the event balance.changed. The answer is the function''s text, which the planner puts in the place of a call: where nobody wants it a debit costs nothing more, while a look into a table or a sequence would cost it a microsecond or more';

--
-- Name: balances; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.balances (
    user_id credits.account_id NOT NULL,
    balance numeric(18,6) DEFAULT 0 NOT NULL,
    total_earned numeric(24,6) DEFAULT 0 NOT NULL,
    total_spent numeric(24,6) DEFAULT 0 NOT NULL,
    reserved numeric(18,6) DEFAULT 0 NOT NULL,
    clawed_back numeric(24,6) DEFAULT 0 NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    last_transaction_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    reservations_count bigint DEFAULT 0 NOT NULL,
    next_expiry timestamp with time zone,
    low_balance_at numeric(18,6),
    CONSTRAINT balances_add_up CHECK (((balance = ((total_earned - total_spent) - reserved)) AND (balance >= (- clawed_back)) AND (reserved >= (0)::numeric)))
)
WITH (fillfactor='70');

ALTER TABLE credits.balances OWNER TO credits_owner;

--
-- Name: TABLE balances; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.balances IS 'What each user owns. It follows the ledger and the reservations; a direct change of an amount is refused';

--
-- Name: COLUMN balances.balance; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.balance IS 'Credits that can be spent now: total_earned - total_spent - reserved';

--
-- Name: COLUMN balances.total_earned; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.total_earned IS 'All that ever came in';

--
-- Name: COLUMN balances.total_spent; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.total_spent IS 'All that went out, less what reversals brought back';

--
-- Name: COLUMN balances.reserved; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.reserved IS 'Held by open reservations; still owned, not spendable';

--
-- Name: COLUMN balances.clawed_back; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.clawed_back IS 'Taken back because payments were refunded or disputed; the most by which the balance can be below zero';

--
-- Name: COLUMN balances.version; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.version IS 'How many ledger rows the account has';

--
-- Name: COLUMN balances.last_transaction_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.last_transaction_id IS 'The newest ledger row, the end of the account''s chain';

--
-- Name: COLUMN balances.reservations_count; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.reservations_count IS 'How many reservations the account ever made; where it is 0, their keys need not be searched';

--
-- Name: COLUMN balances.next_expiry; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.next_expiry IS 'When the first of the account''s dated credits expires; null where there are none, and nothing needs to be looked up';

--
-- Name: COLUMN balances.low_balance_at; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.low_balance_at IS 'The event balance.low is written when what the account owns falls from above this to it or below; null is never';

--
-- Name: _balance_now(credits.balances); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._balance_now(p_balance credits.balances) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone, expiring jsonb)
    LANGUAGE sql STABLE
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

--
-- Name: FUNCTION _balance_now(p_balance credits.balances); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._balance_now(p_balance credits.balances) IS 'A balance with holds or dated credits as of this moment: what _settle_balance would make of it, without writing';

--
-- Name: _caller(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _caller(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._caller() IS 'Who is calling: the login role, or the name of the service key that the HTTP layer has put into the setting credits.caller for this transaction';

--
-- Name: _check_amount(numeric); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_amount(p_amount numeric); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_amount(p_amount numeric) IS 'Raises UC001 unless one call may move p_amount';

--
-- Name: _check_batch(integer, text[]); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_batch(p_items integer, p_shapes text[]); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_batch(p_items integer, p_shapes text[]) IS 'Raises UC001 unless a batch has at most 1000 items, and each of its arrays has them in the places from 1 on. p_shapes are their array_dims, empty for an empty array';

--
-- Name: _check_cap(text, text, numeric); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_cap(p_operation text, p_app_id text, p_amount numeric); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_cap(p_operation text, p_app_id text, p_amount numeric) IS 'Raises UC016 when the caller has caps and this operation, app or amount is beyond them; counts what a caller with a daily cap moves. Called last before credits move, so that retries and refusals count nothing';

--
-- Name: _check_counterpart(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_counterpart(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_counterpart() IS 'Trigger at the end of the transaction: refuses a row of a personal ledger that came from a purchase, pool, gift, usage, reservation or dated credit which does not know of it (UC017)';

--
-- Name: _check_dated_erasure(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_dated_erasure(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_dated_erasure() IS 'Trigger: refuses to give a part of an account''s movements of dated credits a pseudonym, or all of them without what they moved (UC017)';

--
-- Name: _check_email(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._check_email(p_field text, p_email text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
begin
    if (p_email ~ '^[^@\s]+@[^@\s]+$' and char_length(p_email) <= 254) is not true then
        perform credits._refuse_invalid(p_field, 'must be an e-mail address');
    end if;
end
$_$;

ALTER FUNCTION credits._check_email(p_field text, p_email text) OWNER TO credits_owner;

--
-- Name: FUNCTION _check_email(p_field text, p_email text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_email(p_field text, p_email text) IS 'Raises UC001 unless p_email can be an e-mail address, at most 254 characters long';

--
-- Name: _check_erasure(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_erasure(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_erasure() IS 'Trigger: refuses to give a part of an account''s ledger a pseudonym, or all of it one that another account has, which would break its chain (UC017)';

--
-- Name: _check_guild_counterpart(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_guild_counterpart(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_guild_counterpart() IS 'Trigger at the end of the transaction: refuses a funding of a pool that left nobody''s balance, a refund of no usage and a commit of no reservation (UC017)';

--
-- Name: _check_guild_erasure(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_guild_erasure(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_guild_erasure() IS 'Trigger: refuses to give a part of what a member spent of a pool on a day a pseudonym, or all of it without its counter (UC017)';

--
-- Name: _check_id(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_id(p_field text, p_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_id(p_field text, p_id text) IS 'Raises UC001 unless p_id can name a user, guild or app';

--
-- Name: _check_limits(text, text, date, numeric); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_limits(p_organization_id text, p_user_id text, p_day date, p_amount numeric); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_limits(p_organization_id text, p_user_id text, p_day date, p_amount numeric) IS 'Raises UC003 when p_amount, which has just been counted, has taken a member over the daily, then the monthly limit. The caller holds the lock of the pool';

--
-- Name: _check_metadata(jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._check_metadata(p_metadata jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $_$
begin
    if credits._is_metadata(p_metadata) is not true then
        perform credits._refuse_invalid('metadata', case
            when p_metadata is null or jsonb_typeof(p_metadata) <> 'object' then 'must be a JSON object'
            when jsonb_path_exists(p_metadata, 'strict $.** ? (@ >= 1e308 || @ <= -1e308)') then 'must not hold a number of 1e308 or more'
            else 'must be at most 8192 bytes as text'
        end);
    end if;
end
$_$;

ALTER FUNCTION credits._check_metadata(p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION _check_metadata(p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_metadata(p_metadata jsonb) IS 'Raises UC001 unless p_metadata is a JSON object of at most 8 KiB as text whose numbers are of a magnitude below 1e308';

--
-- Name: _check_movement(numeric, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._check_movement(p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    perform credits._check_amount(p_amount);
    if p_description is null or char_length(p_description) > 1000 then
        perform credits._refuse_invalid('description', 'must be a text of at most 1000 characters');
    end if;
    if char_length(p_idempotency_key) not between 1 and 255 then
        perform credits._refuse_invalid('idempotencyKey', 'must be 1 to 255 characters');
    end if;
    if p_metadata is distinct from '{}' then
        perform credits._check_metadata(p_metadata);
    end if;
end
$$;

ALTER FUNCTION credits._check_movement(p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION _check_movement(p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_movement(p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb) IS 'Raises UC001 for the first of amount, description, idempotencyKey and metadata that no call that moves credits may carry';

--
-- Name: _check_purchase(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_purchase(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_purchase() IS 'Trigger: refuses a completed purchase without the ledger row of the same size (UC017)';

--
-- Name: _check_renamed_balance(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_renamed_balance(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_renamed_balance() IS 'Trigger, at the end of the transaction: refuses to give a balance another id than a pseudonym, or a pseudonym without its ledger and seals (UC017). Runs as the owner, since whoever commits may not read the tables';

--
-- Name: _check_renamed_counter(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_renamed_counter(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_renamed_counter() IS 'Trigger, at the end of the transaction: refuses to give what is counted against a member''s limits a pseudonym without the ledger behind it (UC017). Runs as the owner, since whoever commits may not read the tables';

--
-- Name: _check_renamed_dated(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_renamed_dated(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_renamed_dated() IS 'Trigger, at the end of the transaction: refuses to give dated credits a pseudonym without the ledger row that granted them and the movements that took of them (UC017). Runs as the owner, since whoever commits may not read the tables';

--
-- Name: _check_renamed_seal(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_renamed_seal(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_renamed_seal() IS 'Trigger, at the end of the transaction: refuses to give a seal a pseudonym without the ledger row that it is of (UC017). Runs as the owner, since whoever commits may not read the tables';

--
-- Name: _coming_back(text, numeric, uuid[]); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._coming_back(p_user_id text, p_balance numeric, p_holds uuid[]) RETURNS TABLE(hold_id uuid, dated_id uuid, expires_at timestamp with time zone, amount numeric)
    LANGUAGE sql STABLE
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

--
-- Name: FUNCTION _coming_back(p_user_id text, p_balance numeric, p_holds uuid[]); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._coming_back(p_user_id text, p_balance numeric, p_holds uuid[]) IS 'What holds of a user give back to dated credits when they end by time, one after the other, and the balance is p_balance before: what _settle_balance makes of them, a debt being repaid first';

--
-- Name: _count_spending(text, text, date, numeric, boolean); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _count_spending(p_organization_id text, p_user_id text, p_day date, p_amount numeric, p_limited boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._count_spending(p_organization_id text, p_user_id text, p_day date, p_amount numeric, p_limited boolean) IS 'Counts what a member has used of a pool (or given back: negative) on a local day and, if p_limited, raises UC003 beyond a limit. The caller holds the lock of the pool';

--
-- Name: _definitions(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._definitions() RETURNS TABLE(kind text, object text, definition text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET bytea_output TO 'hex'
    SET "DateStyle" TO 'iso'
    SET jit TO 'off'
    SET "IntervalStyle" TO 'postgres'
    SET quote_all_identifiers TO 'off'
    SET standard_conforming_strings TO 'on'
    SET "TimeZone" TO 'utc'
    AS $$
with roles as (
    select r.* from pg_roles r where r.rolname in ('credits_owner', 'credits_api', 'credits_service', 'credits_auditor')
),
schemas as (
    select n.oid, n.nspacl, n.nspowner from pg_namespace n where n.nspowner = 'credits_owner'::regrole
),
relations as (
    select
        c.oid, c.oid::regclass::text as name, c.relkind, c.relowner, c.relacl, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
        case c.relkind when 'v' then 'view' when 'm' then 'view' when 'S' then 'sequence' when 'c' then 'type' else 'table' end as kind,
        case when c.relkind in ('v', 'm') then c.reloptions end as options
    from pg_class c
    where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S', 'c')
        and (c.relnamespace in (select s.oid from schemas s) or c.relowner in (select r.oid from roles r))
),
functions as (
    select p.oid, p.oid::regprocedure::text as name, p.prokind, p.proowner, p.proacl
    from pg_proc p
    where p.pronamespace in (select s.oid from schemas s) or p.proowner in (select r.oid from roles r)
),
types as (
    select t.* from pg_type t where t.typnamespace in (select s.oid from schemas s) and t.typtype in ('d', 'e')
),
-- What each kind of object has been granted to others than its owner; a default that was never changed counts.
granted (object, owner, acl) as (
    select 'schema ' || s.oid::regnamespace::text, s.nspowner, s.nspacl from schemas s
    union all
    select r.kind || ' ' || r.name, r.relowner, r.relacl from relations r
    union all
    select format('column %s.%s', r.name, a.attname), r.relowner, a.attacl
    from relations r
    join pg_attribute a on a.attrelid = r.oid and a.attacl is not null and not a.attisdropped
    union all
    select 'function ' || f.name, f.proowner, coalesce(f.proacl, acldefault('f', f.proowner)) from functions f
    union all
    select 'type ' || t.oid::regtype::text, t.typowner, t.typacl from types t
    union all
    select 'parameter ' || p.parname, 10, p.paracl from pg_parameter_acl p where p.parname in ('session_replication_role')
),
-- Settings that have triggers stand back, or change what the text of a function means.
settings (name, plain) as (
    values
        ('credits.posting', null),
        ('plpgsql.variable_conflict', 'error'),
        ('session_replication_role', 'origin'),
        ('standard_conforming_strings', 'on'),
        ('transform_null_equals', 'off')
)
select 'server'::text, 'version'::text, (current_setting('server_version_num')::integer / 10000)::text
union all
select
    'role', r.rolname,
    concat_ws(
        ', ',
        case when r.rolcanlogin then 'login' else 'nologin' end,
        case when r.rolsuper then 'superuser' end,
        case when r.rolcreaterole then 'createrole' end,
        case when r.rolcreatedb then 'createdb' end,
        case when r.rolreplication then 'replication' end,
        case when r.rolbypassrls then 'bypassrls' end
    )
from roles r
union all
-- Who may act as the owner, and as whom our roles may. Logins in the other groups are as many as there are services.
select 'member', format('%s of credits_owner', m.rolname), 'by whatever way'
from pg_roles m
where m.rolname <> 'credits_owner' and not m.rolsuper and pg_has_role(m.oid, 'credits_owner', 'member')
union all
select distinct 'member', format('%s of %s', r.rolname, m.roleid::regrole), 'directly'
from roles r
join pg_auth_members m on m.member = r.oid
where m.roleid <> 'credits_owner'::regrole
union all
select 'schema', s.oid::regnamespace::text, 'owner credits_owner' from schemas s
union all
select
    r.kind, r.name,
    concat_ws(
        ' ',
        'owner', r.relowner::regrole,
        case r.relpersistence when 'u' then 'unlogged' when 't' then 'temporary' end,
        case when r.relrowsecurity then 'row security' end,
        case when r.relforcerowsecurity then 'forced' end,
        array_to_string(r.options, ' '),
        case when r.kind = 'view' then E'\n' || pg_get_viewdef(r.oid, true) end
    )
from relations r
union all
select
    'column', format('%s.%s', r.name, a.attname),
    concat_ws(
        ' ',
        format_type(a.atttypid, a.atttypmod),
        -- From PostgreSQL 18 on a column may be not null only for rows to come.
        case when a.attnotnull and not exists (
            select from pg_constraint n
            where n.conrelid = a.attrelid and n.contype = 'n' and n.conkey = array[a.attnum] and not n.convalidated
        ) then 'not null' end,
        case when a.attcollation <> t.typcollation then 'collate ' || a.attcollation::regcollation end,
        case a.attidentity when 'a' then 'generated always as identity' when 'd' then 'generated by default as identity' end,
        case when a.attgenerated = '' then 'default' else 'generated' end || ' ' || pg_get_expr(d.adbin, d.adrelid, true)
    )
from relations r
join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where r.kind in ('table', 'type')
union all
select
    'type', t.oid::regtype::text,
    concat_ws(
        ' ',
        'owner', t.typowner::regrole,
        case t.typtype when 'd' then 'domain over ' || format_type(t.typbasetype, t.typtypmod) end,
        case when t.typnotnull then 'not null' end,
        'default ' || t.typdefault,
        (select 'enum of ' || string_agg(e.enumlabel, ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)
    )
from types t
union all
-- A foreign key is enforced by triggers, which are disabled with all others of a table. What is not null is told of the column.
select
    'constraint',
    format('%s on %s', c.conname, case c.contypid when 0 then c.conrelid::regclass::text else c.contypid::regtype::text end),
    concat_ws(
        ' ',
        pg_get_constraintdef(c.oid, true),
        case when exists (select from pg_trigger t where t.tgconstraint = c.oid and t.tgisinternal and t.tgenabled <> 'O') then 'switched off' end
    )
from pg_constraint c
where c.contype not in ('n', 't')
    and (c.conrelid in (select r.oid from relations r) or c.contypid in (select t.oid from types t))
union all
select
    'index', format('%s on %s', x.relname, r.name),
    concat_ws(' ', pg_get_indexdef(i.indexrelid, 0, true), case when not (i.indisvalid and i.indisready and i.indislive) then 'not valid' end)
from relations r
join pg_index i on i.indrelid = r.oid
join pg_class x on x.oid = i.indexrelid
union all
select
    'trigger', format('%s on %s', t.tgname, r.name),
    concat_ws(' ', pg_get_triggerdef(t.oid, true), case t.tgenabled when 'D' then 'disabled' when 'A' then 'always' when 'R' then 'replica' end)
from relations r
join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
union all
select 'rule', format('%s on %s', w.rulename, r.name), pg_get_ruledef(w.oid, true)
from relations r
join pg_rewrite w on w.ev_class = r.oid and w.rulename <> '_RETURN'
union all
select
    'policy', format('%s on %s', p.polname, r.name),
    concat_ws(
        ' ',
        p.polcmd, case when p.polpermissive then 'permissive' else 'restrictive' end, 'to', p.polroles::regrole[],
        'using ' || pg_get_expr(p.polqual, p.polrelid, true), 'with check ' || pg_get_expr(p.polwithcheck, p.polrelid, true)
    )
from relations r
join pg_policy p on p.polrelid = r.oid
union all
-- Rows of a table that inherits count as rows of ours, and nothing of ours protects them.
select 'child', format('%s of %s', i.inhrelid::regclass, r.name), 'inherits'
from relations r
join pg_inherits i on i.inhparent = r.oid
union all
select
    'function', f.name,
    format(
        E'owner %s\n%s', f.proowner::regrole,
        case
            when f.prokind = 'a' then 'an aggregate'
            -- Its text is its answer, which credits._set_balance_events changes.
            when f.oid = to_regprocedure('credits._balance_events_wanted()')
                then replace(pg_get_functiondef(f.oid), 'select true', 'select false')
            else pg_get_functiondef(f.oid)
        end
    )
from functions f
union all
select
    'right', format('%s on %s', case x.grantee when 0 then 'public' else x.grantee::regrole::text end, g.object),
    string_agg(lower(x.privilege_type) || case when x.is_grantable then ' with grant option' else '' end, ', ' order by x.privilege_type)
from granted g
cross join lateral aclexplode(g.acl) x
where x.grantee <> g.owner
group by x.grantee, g.object
union all
select
    'default right', format('%s made by %s in %s', a.defaclobjtype, a.defaclrole::regrole, coalesce(a.defaclnamespace::regnamespace::text, '-')),
    a.defaclacl::text
from pg_default_acl a
where a.defaclrole in (select r.oid from roles r) or a.defaclnamespace in (select s.oid from schemas s)
union all
select
    'setting', format('%s of %s', l.name, coalesce(nullif(concat_ws(' in ', r.rolname, d.datname), ''), 'all')),
    split_part(c.setting, '=', 2)
from pg_db_role_setting s
cross join lateral unnest(s.setconfig) as c (setting)
join settings l on l.name = split_part(c.setting, '=', 1) and split_part(c.setting, '=', 2) is distinct from l.plain
left join pg_database d on d.oid = s.setdatabase
left join pg_roles r on r.oid = s.setrole
where s.setdatabase in (0, (select o.oid from pg_database o where o.datname = current_database()))
union all
select 'setting', format('%s of new sessions', l.name), coalesce(p.reset_val, current_setting(l.name, true))
from settings l
left join pg_settings p on p.name = l.name
where coalesce(p.reset_val, current_setting(l.name, true), l.plain, '') <> coalesce(l.plain, '')
union all
-- It runs in every session that begins, and may set what it likes.
select 'event trigger', e.evtname::text, format('on login execute function %s', e.evtfoid::regprocedure)
from pg_event_trigger e
where e.evtevent = 'login' and e.evtenabled <> 'D'
$$;

ALTER FUNCTION credits._definitions() OWNER TO credits_owner;

--
-- Name: FUNCTION _definitions(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._definitions() IS 'The definition of everything that protects the books or could stand in for it, as the catalog has it now: what a deployment writes to credits.deployed, and what reconcile.protection_off compares with that. The text is the same in any session of one version of PostgreSQL, and in a restored dump: hence the form without needless parentheses';

--
-- Name: _emit(text, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _emit(p_type text, p_user_id text, p_organization_id text, p_data jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._emit(p_type text, p_user_id text, p_organization_id text, p_data jsonb) IS 'Writes an event into the outbox if anybody wants its type; it comes to be, or not, with the caller''s transaction. Whoever writes one about an account has locked that, so that the account''s events are numbered in its order';

--
-- Name: _emit_balance(text, text, uuid, text, numeric, numeric, numeric, text, numeric); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _emit_balance(p_user_id text, p_organization_id text, p_transaction_id uuid, p_type text, p_amount numeric, p_owned numeric, p_reserved numeric, p_app_id text, p_low_balance_at numeric); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._emit_balance(p_user_id text, p_organization_id text, p_transaction_id uuid, p_type text, p_amount numeric, p_owned numeric, p_reserved numeric, p_app_id text, p_low_balance_at numeric) IS 'Writes what a ledger row means for who listens: that the balance changed, and that it fell to its alert if it did. p_owned is the balance with what is held, which the ledger''s balance_after says';

--
-- Name: reservations; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.reservations (
    account_id credits.account_id NOT NULL,
    id uuid NOT NULL,
    user_id credits.account_id NOT NULL,
    organization_id credits.account_id,
    amount numeric(15,6) NOT NULL,
    status credits.reservation_status DEFAULT 'held'::credits.reservation_status NOT NULL,
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
    ended_at timestamp with time zone,
    CONSTRAINT reservations_belong_to_their_account CHECK (((account_id)::text = (COALESCE(organization_id, user_id))::text)),
    CONSTRAINT reservations_commit_something CHECK (((status = 'committed'::credits.reservation_status) = (committed_amount > (0)::numeric))),
    CONSTRAINT reservations_end_once CHECK (((status = 'held'::credits.reservation_status) = (ended_at IS NULL))),
    CONSTRAINT reservations_hold_something CHECK (((amount > (0)::numeric) AND ((committed_amount >= (0)::numeric) AND (committed_amount <= amount)))),
    CONSTRAINT reservations_last_at_most_7_days CHECK (((EXTRACT(epoch FROM (expires_at - created_at)) >= (1)::numeric) AND (EXTRACT(epoch FROM (expires_at - created_at)) <= (604800)::numeric))),
    CONSTRAINT reservations_of_guilds_count_on_a_day CHECK (((organization_id IS NULL) = (spending_day IS NULL))),
    CONSTRAINT reservations_text_length CHECK (((char_length(reason) <= 1000) AND (char_length(app_id) <= 128) AND ((char_length(idempotency_key) >= 1) AND (char_length(idempotency_key) <= 255))))
);

ALTER TABLE credits.reservations OWNER TO credits_owner;

--
-- Name: TABLE reservations; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.reservations IS 'Credits set aside from a balance or a pool. While held they are reserved there; what is committed becomes a ledger row of type usage';

--
-- Name: COLUMN reservations.account_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reservations.account_id IS 'Whose credits are held: the user''s, or the guild''s when organization_id is given';

--
-- Name: COLUMN reservations.spending_day; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reservations.spending_day IS 'The local day whose limit the hold, and what is committed of it, counts against';

--
-- Name: COLUMN reservations.transaction_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reservations.transaction_id IS 'The ledger row of what was committed';

--
-- Name: COLUMN reservations.balance_after_hold; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reservations.balance_after_hold IS 'What could be spent right after, so that a retried call can repeat the first answer';

--
-- Name: COLUMN reservations.balance_after_end; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reservations.balance_after_end IS 'What could be spent right after commit or release, so that a retried call can repeat the first answer';

--
-- Name: _emit_expiry(credits.reservations); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._emit_expiry(p_hold credits.reservations) RETURNS void
    LANGUAGE sql
    AS $$
    select credits._emit('hold.expired', p_hold.user_id, p_hold.organization_id, jsonb_strip_nulls(jsonb_build_object(
        'userId', p_hold.user_id,
        'guildId', p_hold.organization_id,
        'reservationId', p_hold.id,
        'amount', trim_scale(p_hold.amount),
        'expiredAt', to_char(p_hold.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )))
$$;

ALTER FUNCTION credits._emit_expiry(p_hold credits.reservations) OWNER TO credits_owner;

--
-- Name: FUNCTION _emit_expiry(p_hold credits.reservations); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._emit_expiry(p_hold credits.reservations) IS 'Writes that a hold was not used in time';

--
-- Name: _erase_events(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _erase_events(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._erase_events(p_user_id text) IS 'The part of an erasure that nobody may be told of any more: a person''s events go; those of pools stay, without the person';

--
-- Name: event_consumers; Type: TABLE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TABLE event_consumers; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.event_consumers IS 'Who reads events, which types, and how far each has come. An event of a type that nobody here wants is not written';

--
-- Name: COLUMN event_consumers.login; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.event_consumers.login IS 'The login role that reads; null for a webhook, which the API reads for';

--
-- Name: COLUMN event_consumers."position"; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.event_consumers."position" IS 'Everything up to here is done with';

--
-- Name: COLUMN event_consumers.lost_at; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.event_consumers.lost_at IS 'Since when nothing is kept for it any more, since it left events for too long; null is never';

--
-- Name: _event_consumer(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._event_consumer(p_consumer text) RETURNS credits.event_consumers
    LANGUAGE plpgsql
    AS $$
declare
    v_consumer credits.event_consumers;
begin
    select * into v_consumer
    from credits.event_consumers c
    where c.consumer = p_consumer
        and (
            c.login = session_user
            or (c.login is null and pg_has_role(session_user, 'credits_api', 'member'))
            or pg_has_role(session_user, 'credits_owner', 'member')
        );
    if not found then
        raise exception using
            errcode = 'UC019',
            message = 'There is no such consumer of events for this login',
            detail = json_build_object('consumer', p_consumer)::text,
            hint = 'Have a DBA register it with credits.register_consumer';
    end if;
    if v_consumer.lost_at is not null then
        raise exception using
            errcode = 'UC020',
            message = 'This consumer left events for too long: they are gone',
            detail = json_build_object(
                'consumer', p_consumer, 'lostAt', to_char(v_consumer.lost_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            )::text,
            hint = 'Read the present state anew, then have a DBA register the consumer again';
    end if;
    return v_consumer;
end
$$;

ALTER FUNCTION credits._event_consumer(p_consumer text) OWNER TO credits_owner;

--
-- Name: FUNCTION _event_consumer(p_consumer text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._event_consumer(p_consumer text) IS 'A consumer that the session''s login may read for. Raises UC019 if there is none, UC020 if it is lost';

--
-- Name: _expire_dated(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _expire_dated(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._expire_dated(p_user_id text) IS 'Lets the credits of an account, which the caller has locked, that are past their date go: a ledger row of type expiry each';

--
-- Name: _expired_at(text, timestamp with time zone, timestamp with time zone, numeric); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._expired_at(p_user_id text, p_at timestamp with time zone, p_last_row_at timestamp with time zone, p_balance numeric) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    with since as (
        -- What had expired before the last ledger row went with it, but for what expired while that row was being written.
        select p_last_row_at - interval '1 hour' as at
    ),
    overdue as (
        select array_agg(r.id) as holds, sum(r.amount) as freed
        from credits.reservations r
        cross join since s
        where r.account_id = p_user_id
            and r.organization_id is null
            and r.id >= credits._id_floor(s.at - interval '7 days')
            and r.id < credits._id_floor(p_at + interval '1 second')
            and r.expires_at <= p_at
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

--
-- Name: FUNCTION _expired_at(p_user_id text, p_at timestamp with time zone, p_last_row_at timestamp with time zone, p_balance numeric); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._expired_at(p_user_id text, p_at timestamp with time zone, p_last_row_at timestamp with time zone, p_balance numeric) IS 'How much of a balance, p_balance by the ledger and the reservations open at p_at, had passed its date by then without a ledger row to say so yet';

--
-- Name: guild_pools; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.guild_pools (
    organization_id credits.account_id NOT NULL,
    balance numeric(18,6) DEFAULT 0 NOT NULL,
    total_funded numeric(24,6) DEFAULT 0 NOT NULL,
    total_spent numeric(24,6) DEFAULT 0 NOT NULL,
    reserved numeric(18,6) DEFAULT 0 NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    last_transaction_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    reservations_count bigint DEFAULT 0 NOT NULL,
    low_balance_at numeric(18,6),
    CONSTRAINT guild_pools_add_up CHECK (((balance = ((total_funded - total_spent) - reserved)) AND (balance >= (0)::numeric) AND (reserved >= (0)::numeric)))
)
WITH (fillfactor='70');

ALTER TABLE credits.guild_pools OWNER TO credits_owner;

--
-- Name: TABLE guild_pools; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.guild_pools IS 'What each guild shares. It follows the ledger and the reservations; a direct change of an amount is refused';

--
-- Name: COLUMN guild_pools.version; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_pools.version IS 'How many ledger rows the pool has';

--
-- Name: COLUMN guild_pools.reservations_count; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_pools.reservations_count IS 'How many reservations the pool ever had; where it is 0, their keys need not be searched';

--
-- Name: COLUMN guild_pools.low_balance_at; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_pools.low_balance_at IS 'The event balance.low is written when what the pool owns falls from above this to it or below; null is never';

--
-- Name: guild_transactions; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.guild_transactions (
    organization_id text NOT NULL,
    id uuid NOT NULL,
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
    created_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    request_id text DEFAULT "left"(NULLIF(current_setting('credits.request_id'::text, true), ''::text), 128)
);

ALTER TABLE credits.guild_transactions OWNER TO credits_owner;

--
-- Name: TABLE guild_transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.guild_transactions IS 'The ledger of guild pools: append-only, one row for each change, each pool''s rows one unbroken chain in the order of their ids';

--
-- Name: COLUMN guild_transactions.user_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_transactions.user_id IS 'The member who funded or used';

--
-- Name: COLUMN guild_transactions.spending_day; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_transactions.spending_day IS 'The local day whose limit the row counts against (or gives back to)';

--
-- Name: COLUMN guild_transactions.reference_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_transactions.reference_id IS 'What caused the row: the funder''s ledger row, a refunded usage or a reservation';

--
-- Name: COLUMN guild_transactions.sequence; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_transactions.sequence IS 'The row''s number in its pool, without gaps from 1 on: the pool''s version right after it';

--
-- Name: COLUMN guild_transactions.request_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_transactions.request_id IS 'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL has set as credits.request_id; emptied by an erasure';

--
-- Name: _find_guild_movement(credits.guild_pools, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _find_guild_movement(p_pool credits.guild_pools, p_idempotency_key text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._find_guild_movement(p_pool credits.guild_pools, p_idempotency_key text) IS 'The ledger row that an earlier call wrote under this key in a pool that the caller has locked; all null for a new key. Raises UC004 when the key belongs to a reservation of the pool';

--
-- Name: _find_guild_usage(text, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._find_guild_usage(p_user_id text, p_transaction_id uuid) RETURNS credits.guild_transactions
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_organization_id text := '';
    v_row credits.guild_transactions;
begin
    -- Steps from guild to guild of this member along the index: as many look-ups as they have guilds, however long the ledgers are.
    loop
        select min(g.organization_id) into v_organization_id
        from credits.guild_transactions g
        where g.user_id = p_user_id and g.organization_id > v_organization_id;
        exit when v_organization_id is null;
        select * into v_row
        from credits.guild_transactions g
        where g.user_id = p_user_id and g.organization_id = v_organization_id and g.id = p_transaction_id
            and g.type = 'usage';
        if found then
            return v_row;
        end if;
    end loop;
    return null;
end
$$;

ALTER FUNCTION credits._find_guild_usage(p_user_id text, p_transaction_id uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION _find_guild_usage(p_user_id text, p_transaction_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._find_guild_usage(p_user_id text, p_transaction_id uuid) IS 'This member''s usage of a pool with this id; all null when there is none';

--
-- Name: transactions; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.transactions (
    user_id text NOT NULL,
    id uuid NOT NULL,
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
    created_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    request_id text DEFAULT "left"(NULLIF(current_setting('credits.request_id'::text, true), ''::text), 128)
);

ALTER TABLE credits.transactions OWNER TO credits_owner;

--
-- Name: TABLE transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.transactions IS 'The ledger of personal balances: append-only, one row for each change, each account''s rows one unbroken chain in the order of their ids';

--
-- Name: COLUMN transactions.amount; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.amount IS 'Signed: what came in is positive, what went out negative';

--
-- Name: COLUMN transactions.balance_before; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.balance_before IS 'What the account owned before: balance + reserved';

--
-- Name: COLUMN transactions.balance_after; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.balance_after IS 'What the account owns after: balance + reserved';

--
-- Name: COLUMN transactions.reserved_after; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.reserved_after IS 'How much of balance_after was held by reservations';

--
-- Name: COLUMN transactions.total_spent_after; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.total_spent_after IS 'total_spent right after this row, so that a retried call can repeat the first answer';

--
-- Name: COLUMN transactions.reversal; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.reversal IS 'Brings back what went out before: lowers total_spent instead of raising total_earned';

--
-- Name: COLUMN transactions.reference_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.reference_id IS 'What caused the row: a purchase, a gift, a pool''s ledger row, a refunded usage, a reservation or the grantor''s own reference';

--
-- Name: COLUMN transactions.called_by; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.called_by IS 'The login role that called';

--
-- Name: COLUMN transactions.sequence; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.sequence IS 'The row''s number in its account, without gaps from 1 on: the balance''s version right after it';

--
-- Name: COLUMN transactions.request_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.transactions.request_id IS 'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL has set as credits.request_id; emptied by an erasure';

--
-- Name: _find_movement(credits.balances, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _find_movement(p_balance credits.balances, p_idempotency_key text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._find_movement(p_balance credits.balances, p_idempotency_key text) IS 'The ledger row that an earlier call wrote under this key in a balance that the caller has locked; all null for a new key. Raises UC004 when the key belongs to a reservation of the account';

--
-- Name: _fold_dated_credits(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _fold_dated_credits(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._fold_dated_credits() IS 'Trigger: keeps the balance''s next_expiry; refuses dated credits that nobody granted (UC017)';

--
-- Name: _fold_dated_movement(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _fold_dated_movement(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._fold_dated_movement() IS 'Trigger: folds a movement into what is left of dated credits, and keeps the balance''s next_expiry';

--
-- Name: _fold_reservation(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _fold_reservation(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._fold_reservation() IS 'Trigger: sets credits aside when a reservation is made and frees them when it ends, in the balance or pool and in the member''s spending; refuses one that goes beyond a limit (UC003)';

--
-- Name: _fold_usage(text, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _fold_usage(p_user_id text, p_before uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._fold_usage(p_user_id text, p_before uuid) IS 'Folds an account''s usage since the last fold, up to but not including the ledger row p_before, into usage_folds; the caller has locked the balance. Called at every 256th row, so that neither a debit nor a reader of usage_stats ever has more than that to do';

--
-- Name: _forfeit(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._forfeit(p_user_id text) RETURNS numeric
    LANGUAGE plpgsql
    AS $$
declare
    v_balance credits.balances;
begin
    select * into v_balance from credits.balances where user_id = p_user_id;
    if v_balance.balance > 0 then
        perform credits._post_transaction(v_balance, 'erasure', -v_balance.balance, '');
        return v_balance.balance;
    end if;
    return 0;
end
$$;

ALTER FUNCTION credits._forfeit(p_user_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION _forfeit(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._forfeit(p_user_id text) IS 'Lets all that an erased person could spend go, by a ledger row of type erasure, and returns how much; the caller has locked the balance';

--
-- Name: _free_attempt_at(text, text, integer, interval); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._free_attempt_at(p_kind text, p_subject text, p_most integer, p_window interval) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    AS $$
declare
    v_spare constant interval := p_window - p_window / p_most;
    v_free_at timestamptz;
begin
    select a.free_at - v_spare into v_free_at
    from credits.attempts a
    where a.subject = p_subject and a.kind = p_kind and a.free_at > credits._now() + v_spare;
    return v_free_at;
end
$$;

ALTER FUNCTION credits._free_attempt_at(p_kind text, p_subject text, p_most integer, p_window interval) OWNER TO credits_owner;

--
-- Name: FUNCTION _free_attempt_at(p_kind text, p_subject text, p_most integer, p_window interval); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._free_attempt_at(p_kind text, p_subject text, p_most integer, p_window interval) IS 'When the next attempt will be free; null when one is free now';

--
-- Name: _funded_at(text, numeric, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._funded_at(p_user_id text, p_amount numeric, p_from timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
    with account as (
        select g.balance, g.expiring from credits.get_balance(p_user_id) g
    ),
    holds as (
        select r.id, r.amount, r.expires_at
        from credits.reservations r
        where r.account_id = p_user_id
            and r.organization_id is null
            and r.status = 'held'
            and r.expires_at > credits._now()
    ),
    -- What will be there at a time comes back with its hold, and leaves at its date.
    changes as (
        select h.expires_at as at, h.amount from holds h
        union all
        select e."expiresAt", -e.amount
        from account a
        cross join lateral jsonb_to_recordset(a.expiring) as e (amount numeric, "expiresAt" timestamptz)
        union all
        select greatest(h.expires_at, c.expires_at), -c.amount
        from account a
        cross join lateral credits._coming_back(p_user_id, a.balance, array(select held.id from holds held)) c
        join holds h on h.id = c.hold_id
    ),
    moments as (
        select p_from as at
        union
        select h.expires_at from holds h where h.expires_at > p_from
    ),
    running as (
        select s.at, s.counts, sum(s.amount) over (order by s.at) as total
        from (
            select c.at, c.amount, false as counts from changes c
            union all
            select m.at, 0, true from moments m
        ) s
    )
    select min(r.at)
    from running r
    cross join account a
    where r.counts and a.balance + r.total >= p_amount
$$;

ALTER FUNCTION credits._funded_at(p_user_id text, p_amount numeric, p_from timestamp with time zone) OWNER TO credits_owner;

--
-- Name: FUNCTION _funded_at(p_user_id text, p_amount numeric, p_from timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._funded_at(p_user_id text, p_amount numeric, p_from timestamp with time zone) IS 'The earliest time from p_from on at which a balance has p_amount if nothing else happens; null when it never has';

--
-- Name: _give_back_dated(text, uuid, numeric, numeric, numeric, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _give_back_dated(p_user_id text, p_cause_id uuid, p_total numeric, p_given_before numeric, p_amount numeric, p_at timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._give_back_dated(p_user_id text, p_cause_id uuid, p_total numeric, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) IS 'Gives back to dated credits what p_cause_id took of them, when at p_at p_amount of its p_total is returned, and is in the balance, after p_given_before was. What a debt needs of it is gone at once; what expired meanwhile is for _expire_dated to take away again';

--
-- Name: _guild_funded_at(text, text, numeric, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._guild_funded_at(p_guild_id text, p_user_id text, p_amount numeric, p_from timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
    with windows as (
        select * from credits._spending_windows(p_guild_id, p_user_id, credits._limits_day())
    ),
    holds as (
        select r.amount, r.expires_at, r.user_id, r.spending_day
        from credits.reservations r
        where r.account_id = p_guild_id
            and r.organization_id is not null
            and r.status = 'held'
            and r.expires_at > credits._now()
    ),
    moments as (
        select p_from as at
        union
        select greatest(p_from, w.day_resets_at) from windows w
        union
        select greatest(p_from, w.month_resets_at) from windows w
        union
        select h.expires_at from holds h where h.expires_at > p_from
    ),
    figures as (
        select
            s.at,
            s.counts,
            sum(s.amount) over moment as freed,
            sum(case when s.user_id = p_user_id and s.spending_day = today.day then s.amount else 0 end) over moment as freed_today,
            sum(
                case when s.user_id = p_user_id and s.spending_day >= date_trunc('month', today.day::timestamp)::date then s.amount else 0 end
            ) over moment as freed_this_month
        from (
            select h.expires_at as at, h.amount, h.user_id, h.spending_day, false as counts from holds h
            union all
            select m.at, 0, null, null, true from moments m
        ) s
        cross join (select credits._limits_day() as day) today
        window moment as (order by s.at)
    )
    select min(f.at)
    from figures f
    cross join windows w
    cross join credits.get_guild_balance(p_guild_id) g
    where f.counts
        and g.balance + f.freed >= p_amount
        and (
            w.daily_limit is null
            or p_amount + case when f.at < w.day_resets_at then w.spent_today - f.freed_today else 0 end <= w.daily_limit
        )
        and (
            w.monthly_limit is null
            or p_amount + case when f.at < w.month_resets_at then w.spent_this_month - f.freed_this_month else 0 end
                <= w.monthly_limit
        )
$$;

ALTER FUNCTION credits._guild_funded_at(p_guild_id text, p_user_id text, p_amount numeric, p_from timestamp with time zone) OWNER TO credits_owner;

--
-- Name: FUNCTION _guild_funded_at(p_guild_id text, p_user_id text, p_amount numeric, p_from timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._guild_funded_at(p_guild_id text, p_user_id text, p_amount numeric, p_from timestamp with time zone) IS 'The earliest time from p_from on at which a pool has p_amount and the member''s limits leave it if nothing else happens; null when they never do';

--
-- Name: _guild_movement(credits.guild_transactions, boolean); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _guild_movement(p_row credits.guild_transactions, p_replayed boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._guild_movement(p_row credits.guild_transactions, p_replayed boolean) IS 'The answer to the call that wrote p_row. All of it comes from the row, so a retry is answered like the first call, whatever has changed since';

--
-- Name: _guild_transaction_text(credits.guild_transactions); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._guild_transaction_text(p_row credits.guild_transactions) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    select concat_ws(
        E'\n',
        p_row.sequence::text,
        p_row.id::text,
        p_row.type::text,
        p_row.amount::text,
        p_row.balance_before::text,
        p_row.balance_after::text,
        p_row.reserved_after::text,
        p_row.total_spent_after::text,
        p_row.reversal::text,
        -- Days since 1970: a date as text would depend on the session's settings.
        coalesce((p_row.spending_day - date '1970-01-01')::text, ''),
        coalesce(p_row.app_id, ''),
        coalesce(p_row.reference_id, ''),
        (extract(epoch from p_row.created_at) * 1000000)::bigint::text,
        p_row.called_by
    )
$$;

ALTER FUNCTION credits._guild_transaction_text(p_row credits.guild_transactions) OWNER TO credits_owner;

--
-- Name: FUNCTION _guild_transaction_text(p_row credits.guild_transactions); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._guild_transaction_text(p_row credits.guild_transactions) IS 'The canonical text of a pool''s ledger row: what of it never changes, one field a line; the day is counted from 1970-01-01, times are microseconds since then. Nothing that an erasure rewrites, so that seals outlast it. It can be no other row''s text: no field but the last may hold a line feed';

--
-- Name: _has_overdue_holds(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._has_overdue_holds(p_account_id text) RETURNS boolean
    LANGUAGE sql
    AS $$
    select exists (
        select from credits.reservations r
        where r.account_id = p_account_id and r.status = 'held' and r.expires_at <= credits._now()
    )
$$;

ALTER FUNCTION credits._has_overdue_holds(p_account_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION _has_overdue_holds(p_account_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._has_overdue_holds(p_account_id text) IS 'Whether an account, a user''s or a guild''s, has holds that are past their time and not released yet';

--
-- Name: _id_after(uuid, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _id_after(p_last uuid, p_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._id_after(p_last uuid, p_id uuid) IS 'p_id, or if that does not sort after p_last an id made of both that does';

--
-- Name: _id_floor(timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _id_floor(p_at timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._id_floor(p_at timestamp with time zone) IS 'The lowest id that can have been made in the millisecond of p_at: turns a time into a place in a ledger''s key';

--
-- Name: _is_amount(numeric); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._is_amount(p_amount numeric) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select p_amount > 0 and p_amount <= 999999999.999999 and p_amount = round(p_amount, 6)
$$;

ALTER FUNCTION credits._is_amount(p_amount numeric) OWNER TO credits_owner;

--
-- Name: FUNCTION _is_amount(p_amount numeric); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._is_amount(p_amount numeric) IS 'Whether one call may move p_amount: above 0, at most 999999999.999999, at most 6 decimals. NaN and infinity are not; null gives null';

--
-- Name: _is_erasure(jsonb, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _is_erasure(p_old jsonb, p_new jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._is_erasure(p_old jsonb, p_new jsonb) IS 'Whether a changed row differs from the old one only as an erasure may: ids of the person replaced by a pseudonym, free text and keys emptied, no amount and no time touched';

--
-- Name: _is_id(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._is_id(p_id text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select p_id <> '' and char_length(p_id) <= 128 and p_id !~ '[\u0001-\u001f\u007f-\u009f]'
$$;

ALTER FUNCTION credits._is_id(p_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION _is_id(p_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._is_id(p_id text) IS 'Whether p_id can name a user, guild or app: 1 to 128 characters, no control characters; null gives null';

--
-- Name: _is_metadata(jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._is_metadata(p_metadata jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    select p_metadata = '{}'
        or jsonb_typeof(p_metadata) = 'object'
        -- First of the two, since a short number can be a long text.
        and not jsonb_path_exists(p_metadata, 'strict $.** ? (@ >= 1e308 || @ <= -1e308)')
        and (
            octet_length(p_metadata::text) <= 8192
            -- jsonb prints a space after each colon and comma that the caller need not have sent: outside of strings, all spaces are those.
            or octet_length(p_metadata::text) <= 16384
            and octet_length(p_metadata::text)
                - regexp_count(regexp_replace(p_metadata::text, '"([^"\\]|\\.)*"', '', 'g'), ' ') <= 8192
        )
$_$;

ALTER FUNCTION credits._is_metadata(p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION _is_metadata(p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._is_metadata(p_metadata jsonb) IS 'Whether a movement may carry this metadata: an object of at most 8 KiB as text, whose numbers are such as a double can hold, since that is what readers make of them. Null gives null. Inlined where it is used';

--
-- Name: _is_present_id(uuid, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._is_present_id(p_id uuid, p_at timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select substr(p_id::text, 15, 1) = '7' and p_id < credits._id_floor(p_at + interval '1 minute')
$$;

ALTER FUNCTION credits._is_present_id(p_id uuid, p_at timestamp with time zone) OWNER TO credits_owner;

--
-- Name: FUNCTION _is_present_id(p_id uuid, p_at timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._is_present_id(p_id uuid, p_at timestamp with time zone) IS 'Whether p_id is a time-ordered id (version 7) that was not made later than p_at: one from the future would hold up all that follow';

--
-- Name: _is_pseudonym(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._is_pseudonym(p_id text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select p_id like 'erased:%'
$$;

ALTER FUNCTION credits._is_pseudonym(p_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION _is_pseudonym(p_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._is_pseudonym(p_id text) IS 'Whether p_id looks like what takes the place of an erased person: no account is opened under such an id otherwise; null gives null';

--
-- Name: _is_use(numeric, text, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._is_use(p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select credits._is_amount(p_amount)
        and credits._is_id(p_app_id)
        and char_length(p_description) <= 1000
        and (p_idempotency_key is null or char_length(p_idempotency_key) between 1 and 255)
        and p_metadata = '{}'
$$;

ALTER FUNCTION credits._is_use(p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION _is_use(p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._is_use(p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) IS 'Whether the parameters of a debit are certainly well-formed; metadata that is not empty is left to _check_metadata. Null gives null. Inlined where it is used';

--
-- Name: _limits_day(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._limits_day() RETURNS date
    LANGUAGE sql STABLE
    AS $$
    select (credits._now() at time zone s.limits_time_zone)::date from credits.settings s
$$;

ALTER FUNCTION credits._limits_day() OWNER TO credits_owner;

--
-- Name: FUNCTION _limits_day(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._limits_day() IS 'Today in the zone in which spending limits are cut';

--
-- Name: _lock_balance(text, boolean); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _lock_balance(p_user_id text, p_create boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._lock_balance(p_user_id text, p_create boolean) IS 'Locks a user''s balance until the transaction ends and returns it as of this moment: without holds past their time and without expired credits. With p_create, for what comes in, an account never seen is made, and an erased person is refused (UC001); without, all null is returned';

--
-- Name: _lock_person(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._lock_person(p_user_id text, p_email text, OUT gifts_by_them text[], OUT gifts_for_them text[], OUT purchases uuid[], OUT pools text[], OUT has_account boolean) RETURNS record
    LANGUAGE plpgsql
    AS $$
declare
    v_emails text[];
    v_matrix_ids text[];
begin
    loop
        begin
            v_emails := credits._addresses_of(p_user_id, p_email);
            v_matrix_ids := credits._matrix_ids_of(p_user_id);
            select
                coalesce(array_agg(g.code) filter (where g.creator_id = p_user_id), '{}'),
                coalesce(
                    array_agg(g.code) filter (where lower(g.target_email) = any (v_emails) or g.target_matrix_id = any (v_matrix_ids)),
                    '{}'
                )
            into gifts_by_them, gifts_for_them
            from (
                select * from gifts.gift_codes
                where creator_id = p_user_id
                    or lower(target_email) = any (v_emails)
                    or target_matrix_id = any (v_matrix_ids)
                    or (
                        (target_email is not null or target_matrix_id is not null)
                        and code in (
                            select r.code from gifts.gift_redemptions r
                            where r.redeemer_user_id = p_user_id and r.status = 'success'
                        )
                    )
                order by code
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
                not credits._addresses_of(p_user_id, p_email) <@ v_emails
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

ALTER FUNCTION credits._lock_person(p_user_id text, p_email text, OUT gifts_by_them text[], OUT gifts_for_them text[], OUT purchases uuid[], OUT pools text[], OUT has_account boolean) OWNER TO credits_owner;

--
-- Name: FUNCTION _lock_person(p_user_id text, p_email text, OUT gifts_by_them text[], OUT gifts_for_them text[], OUT purchases uuid[], OUT pools text[], OUT has_account boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._lock_person(p_user_id text, p_email text, OUT gifts_by_them text[], OUT gifts_for_them text[], OUT purchases uuid[], OUT pools text[], OUT has_account boolean) IS 'Locks, in the one order, all that an erasure changes: a person''s gifts and those for their addresses and Matrix ids, their purchases, the pools they used, their balance. Returns what of each is locked; nothing of it can change until the transaction ends, and what is begun elsewhere meanwhile is a new person''s';

--
-- Name: _lock_pool(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _lock_pool(p_organization_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._lock_pool(p_organization_id text) IS 'Locks a guild''s pool until the transaction ends and returns it as of this moment: without holds past their time. Raises UC001 or UC005 when there is none';

--
-- Name: _lock_purchase(text, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _lock_purchase(p_user_id text, p_purchase_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._lock_purchase(p_user_id text, p_purchase_id uuid) IS 'Locks and returns a purchase by what Stripe knows of it: the id of its buyer, who may have been erased since, and its own. All null if there is none';

--
-- Name: _lock_reservation(uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._lock_reservation(p_reservation_id uuid) RETURNS credits.reservations
    LANGUAGE plpgsql
    AS $$
declare
    v_held credits.reservations;
begin
    -- First whose it is, then that account's lock, then the reservation as it is under the lock.
    select * into v_held from credits.reservations where id = p_reservation_id;
    if found and v_held.organization_id is null then
        perform credits._lock_balance(v_held.account_id, p_create => false);
    elsif found then
        perform credits._lock_pool(v_held.account_id);
    end if;
    select * into v_held
    from credits.reservations
    where account_id = v_held.account_id and id = p_reservation_id
    for no key update;
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

--
-- Name: FUNCTION _lock_reservation(p_reservation_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._lock_reservation(p_reservation_id uuid) IS 'Locks the account of a reservation, brings it up to this moment, locks the reservation and returns it. Raises UC011';

--
-- Name: _matrix_ids_of(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _matrix_ids_of(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._matrix_ids_of(p_user_id text) IS 'The Matrix ids of a person: those that they redeemed gifts with. Nothing that an erasure left in the place of one is among them';

--
-- Name: _member_spending(text, text, date); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _member_spending(p_organization_id text, p_user_id text, p_day date); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._member_spending(p_organization_id text, p_user_id text, p_day date) IS 'What a member has used of a pool on a local day, and in its month until then, with what they hold. Holds past their time count: _check_limits looks closer. Inlined where it is used';

--
-- Name: _movement(credits.transactions, boolean); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _movement(p_row credits.transactions, p_replayed boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._movement(p_row credits.transactions, p_replayed boolean) IS 'The answer to the call that wrote p_row. All of it comes from the row, so a retry is answered like the first call, whatever has changed since';

--
-- Name: _new_id(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._new_id() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    AS $$select pg_catalog.uuidv7()$$;

ALTER FUNCTION credits._new_id() OWNER TO credits_owner;

--
-- Name: FUNCTION _new_id(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._new_id() IS 'A time-ordered id: UUID version 7';

--
-- Name: _next_id(uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._next_id(p_last uuid) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
begin
    return credits._id_after(p_last, credits._new_id());
end
$$;

ALTER FUNCTION credits._next_id(p_last uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION _next_id(p_last uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._next_id(p_last uuid) IS 'A time-ordered id that sorts after p_last, whatever the clock does: the order of an account''s ids is the order of its ledger';

--
-- Name: _note_next_expiry(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _note_next_expiry(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._note_next_expiry(p_user_id text) IS 'Keeps in a balance when the first of its dated credits expires. Called by the triggers that fold them';

--
-- Name: _now(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._now() RETURNS timestamp with time zone
    LANGUAGE sql PARALLEL SAFE
    AS $$select pg_catalog.clock_timestamp()$$;

ALTER FUNCTION credits._now() OWNER TO credits_owner;

--
-- Name: FUNCTION _now(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._now() IS 'The present moment, for every rule that depends on it. In one place, so that a test can move it in a database of its own';

--
-- Name: _open_account(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _open_account(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._open_account(p_user_id text) IS 'Opens a user''s account with nothing in it unless it is there. Raises UC001 for a new one whose id looks like that of somebody who was erased';

--
-- Name: _passes_at(text, text, numeric, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._passes_at(p_refusal text, p_user_id text, p_amount numeric, p_guild_id text, p_details jsonb) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_from timestamptz := credits._now();
begin
    if p_refusal = 'UC005' then
        return null;
    end if;
    if p_refusal = 'UC016' then
        if p_details ->> 'cap' <> 'max_amount_per_day' or p_amount > (p_details ->> 'limit')::numeric then
            return null;
        end if;
        v_from := (p_details ->> 'resetsAt')::timestamptz;
    end if;
    if p_guild_id is null then
        return credits._funded_at(p_user_id, p_amount, v_from);
    end if;
    return credits._guild_funded_at(p_guild_id, p_user_id, p_amount, v_from);
end
$$;

ALTER FUNCTION credits._passes_at(p_refusal text, p_user_id text, p_amount numeric, p_guild_id text, p_details jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION _passes_at(p_refusal text, p_user_id text, p_amount numeric, p_guild_id text, p_details jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._passes_at(p_refusal text, p_user_id text, p_amount numeric, p_guild_id text, p_details jsonb) IS 'The earliest time at which a debit that is refused now would pass if nothing else happened: caps and windows that begin anew, holds that run out; null when time alone does not help';

--
-- Name: _post_commit(credits.reservations, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._post_commit(p_held credits.reservations, p_description text, p_metadata jsonb) RETURNS credits.reservations
    LANGUAGE plpgsql
    AS $$
declare
    v_balance credits.balances;
    v_pool credits.guild_pools;
    v_row credits.transactions;
    v_pool_row credits.guild_transactions;
    v_held credits.reservations;
begin
    if p_held.organization_id is null then
        select * into v_balance from credits.balances where user_id = p_held.account_id;
        -- Dated credits were taken when the hold was made.
        v_row := credits._post_transaction(
            v_balance, 'usage', -p_held.committed_amount, p_description, p_held.app_id, p_metadata => p_metadata,
            p_reference_id => p_held.id::text, p_take_dated => false
        );
        if p_held.committed_amount < p_held.amount then
            perform credits._give_back_dated(
                p_held.account_id, p_held.id, p_held.amount, 0, p_held.amount - p_held.committed_amount,
                p_held.ended_at
            );
            perform credits._expire_dated(p_held.account_id);
        end if;
        select * into v_balance from credits.balances where user_id = p_held.account_id;
    else
        select * into v_pool from credits.guild_pools where organization_id = p_held.account_id;
        v_pool_row := credits._post_guild_transaction(
            v_pool, p_held.user_id, 'usage', -p_held.committed_amount, p_description, p_held.app_id,
            p_metadata => p_metadata, p_reference_id => p_held.id::text, p_spending_day => p_held.spending_day
        );
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

--
-- Name: FUNCTION _post_commit(p_held credits.reservations, p_description text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._post_commit(p_held credits.reservations, p_description text, p_metadata jsonb) IS 'Writes the ledger row of a reservation that has just been committed and notes it there; the caller holds the account''s lock';

--
-- Name: _post_guild_transaction(credits.guild_pools, text, credits.guild_transaction_type, numeric, text, text, text, jsonb, text, boolean, date, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid) IS 'Writes one ledger row for a pool that the caller has locked and not changed since, under p_id if the caller has made one already; the trigger moves the pool. Raises UC008 when the pool would grow too large';

--
-- Name: _post_transaction(credits.balances, credits.transaction_type, numeric, text, text, text, jsonb, text, text, boolean, boolean); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean, p_take_dated boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean, p_take_dated boolean) IS 'Writes one ledger row for a balance that the caller has locked and not changed since; the trigger moves the balance. A debit takes dated credits first, unless not p_take_dated. Raises UC008 when the balance would grow too large';

--
-- Name: _protect_amounts(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _protect_amounts(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._protect_amounts() IS 'Trigger: refuses every statement that writes what follows a ledger (UC017), but those of the triggers that fold it and of functions that post directly';

--
-- Name: _protect_balances(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _protect_balances(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._protect_balances() IS 'Trigger: refuses every change of an amount that does not come from the trigger that folds the ledger, and every delete (UC017), but for an erasure that changes nothing else';

--
-- Name: _protect_ledger(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _protect_ledger(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._protect_ledger() IS 'Trigger: refuses every update, delete and truncate of an append-only table (UC017), but for an erasure that changes nothing else';

--
-- Name: _protect_purchases(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _protect_purchases(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._protect_purchases() IS 'Trigger: refuses to change what was bought or for how much, to undo a completed purchase, and every delete (UC017)';

--
-- Name: _protect_reservations(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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
                old.expires_at, old.balance_after_hold
            ) is not distinct from (
                new.id, new.organization_id, new.amount, new.app_id, new.spending_day, new.called_by, new.created_at,
                new.expires_at, new.balance_after_hold
            )
            and (
                old.status = 'held'
                or (old.status, old.committed_amount, old.ended_at) = (new.status, new.committed_amount, new.ended_at)
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
        hint = 'Use credits.reserve_credits, credits.commit_reservation and credits.release_reservation';
end
$$;

ALTER FUNCTION credits._protect_reservations() OWNER TO credits_owner;

--
-- Name: FUNCTION _protect_reservations(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._protect_reservations() IS 'Trigger: refuses to change what is held, for whom, or how a reservation ended, and every delete (UC017), but for a pseudonym once it has ended';

--
-- Name: _protect_settings(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _protect_settings(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._protect_settings() IS 'Trigger: refuses to delete the settings, and a time zone that the server does not know (UC017)';

--
-- Name: _reconciliation_scope(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._reconciliation_scope(p_scope text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
begin
    if p_scope in ('full', 'new') is not true then
        perform credits._refuse_invalid('scope', 'must be full or new');
    end if;
    -- What a full run found to be off stays off until a full run finds nothing.
    if p_scope = 'new' and (
        select clean from credits.reconciliations where scope = 'full' order by id desc limit 1
    ) then
        return 'new';
    end if;
    return 'full';
end
$$;

ALTER FUNCTION credits._reconciliation_scope(p_scope text) OWNER TO credits_owner;

--
-- Name: FUNCTION _reconciliation_scope(p_scope text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._reconciliation_scope(p_scope text) IS 'The scope of a run that was asked for as p_scope: new only after a full run that was clean, else full. Raises UC001';

--
-- Name: _refund_guild_usage(credits.guild_transactions, numeric, text, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._refund_guild_usage(p_usage credits.guild_transactions, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb) RETURNS credits.movement
    LANGUAGE plpgsql
    AS $$
declare
    v_pool credits.guild_pools := credits._lock_pool(p_usage.organization_id);
    v_row credits.guild_transactions;
    v_refunded numeric;
    v_replayed boolean := false;
begin
    -- The usage was found without a lock: the member may have been erased since.
    if not exists (
        select from credits.guild_transactions g
        where g.organization_id = p_usage.organization_id and g.id = p_usage.id and g.user_id = p_usage.user_id
    ) then
        perform credits._refuse_unknown_usage(p_usage.id);
    end if;
    if p_idempotency_key is not null then
        v_row := credits._find_guild_movement(v_pool, p_idempotency_key);
        v_replayed := v_row.id is not null;
    end if;
    if v_replayed then
        if (v_row.type, v_row.amount, v_row.app_id, v_row.description, v_row.metadata, v_row.reference_id)
            is distinct from ('refund', p_amount, p_app_id, p_description, p_metadata, p_usage.id::text)
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
    else
        perform credits._check_cap('refund', p_usage.app_id, p_amount);
        select coalesce(sum(amount), 0) into v_refunded
        from credits.guild_transactions
        where organization_id = p_usage.organization_id and type = 'refund' and reference_id = p_usage.id::text;
        if p_amount > -p_usage.amount - v_refunded then
            perform credits._refuse_over_refund(p_amount, -p_usage.amount - v_refunded);
        end if;
        v_row := credits._post_guild_transaction(
            v_pool, p_usage.user_id, 'refund', p_amount, p_description, p_app_id, p_idempotency_key, p_metadata,
            p_usage.id::text, true, p_usage.spending_day
        );
    end if;
    return row(
        v_row.id, v_row.user_id, 'refund', 'completed', v_row.amount, v_row.balance_before, v_row.balance_after, v_row.app_id,
        v_row.description, v_row.metadata, v_row.idempotency_key, v_row.organization_id, v_row.created_at, v_row.created_at,
        v_row.balance_after - v_row.reserved_after, v_row.balance_after + v_row.total_spent_after, v_row.total_spent_after,
        v_row.reserved_after, v_replayed
    )::credits.movement;
end
$$;

ALTER FUNCTION credits._refund_guild_usage(p_usage credits.guild_transactions, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION _refund_guild_usage(p_usage credits.guild_transactions, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refund_guild_usage(p_usage credits.guild_transactions, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb) IS 'The part of refund_credits for a usage of a pool: back to the pool and to the member''s spending of that day. The movement''s guild_id names the pool, its balances are the pool''s. Locks the pool';

--
-- Name: _refund_movement(credits.transactions, boolean); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._refund_movement(p_row credits.transactions, p_replayed boolean) RETURNS credits.movement
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_movement credits.movement := credits._movement(p_row, p_replayed);
    v_after credits.transactions;
begin
    if p_row.reversal then
        v_after := credits._standing_after(p_row);
        v_movement.balance := v_after.balance_after - v_after.reserved_after;
        v_movement.total_earned := v_after.balance_after + v_after.total_spent_after;
        v_movement.total_spent := v_after.total_spent_after;
    end if;
    return v_movement;
end
$$;

ALTER FUNCTION credits._refund_movement(p_row credits.transactions, p_replayed boolean) OWNER TO credits_owner;

--
-- Name: FUNCTION _refund_movement(p_row credits.transactions, p_replayed boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refund_movement(p_row credits.transactions, p_replayed boolean) IS 'The answer to the refund that wrote p_row: its row, and the figures after the dated credits that it brought back too late have left again';

--
-- Name: _refuse_direct_write(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_direct_write(p_schema text, p_table text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_direct_write(p_schema text, p_table text) IS 'Raises UC017: a table that follows a ledger was written by hand';

--
-- Name: _refuse_ended(credits.reservations); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._refuse_ended(p_held credits.reservations) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = case p_held.status when 'released' then 'UC012' when 'committed' then 'UC013' else 'UC014' end,
        message = format('This reservation is already %s', p_held.status),
        detail = json_build_object('reservationId', p_held.id, 'status', p_held.status)::text,
        hint = 'Make a new reservation';
end
$$;

ALTER FUNCTION credits._refuse_ended(p_held credits.reservations) OWNER TO credits_owner;

--
-- Name: FUNCTION _refuse_ended(p_held credits.reservations); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_ended(p_held credits.reservations) IS 'Raises UC012 reservation_already_released, UC013 reservation_already_committed or UC014 reservation_expired';

--
-- Name: _refuse_insufficient(numeric, numeric); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_insufficient(p_required numeric, p_available numeric); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_insufficient(p_required numeric, p_available numeric) IS 'Raises UC002 insufficient_credits';

--
-- Name: _refuse_invalid(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._refuse_invalid(p_field text, p_problem text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC001',
        message = format('Invalid request: %s %s', p_field, p_problem),
        detail = json_build_object(p_field, p_problem)::text,
        hint = 'Correct the named field and call again';
end
$$;

ALTER FUNCTION credits._refuse_invalid(p_field text, p_problem text) OWNER TO credits_owner;

--
-- Name: FUNCTION _refuse_invalid(p_field text, p_problem text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_invalid(p_field text, p_problem text) IS 'Raises UC001 invalid_request; DETAIL maps the field to what is wrong with it';

--
-- Name: _refuse_key_of_reservation(text, boolean, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_key_of_reservation(p_account_id text, p_of_guild boolean, p_idempotency_key text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_key_of_reservation(p_account_id text, p_of_guild boolean, p_idempotency_key text) IS 'Raises UC004 when a reservation of this account was made under the key. Called only for accounts that have ever made one';

--
-- Name: _refuse_over_cap(text, json); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_over_cap(p_cap text, p_figures json); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_over_cap(p_cap text, p_figures json) IS 'Raises UC016 cap_exceeded';

--
-- Name: _refuse_over_limit(text, numeric, numeric, numeric, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_over_limit(p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_over_limit(p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamp with time zone) IS 'Raises UC003 spending_limit_exceeded';

--
-- Name: _refuse_over_refund(numeric, numeric); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._refuse_over_refund(p_requested numeric, p_refundable numeric) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC010',
        message = 'More than what is left of this usage cannot be refunded',
        detail = json_build_object('requested', trim_scale(p_requested), 'refundable', trim_scale(p_refundable))::text,
        hint = 'Refund at most what is refundable';
end
$$;

ALTER FUNCTION credits._refuse_over_refund(p_requested numeric, p_refundable numeric) OWNER TO credits_owner;

--
-- Name: FUNCTION _refuse_over_refund(p_requested numeric, p_refundable numeric); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_over_refund(p_requested numeric, p_refundable numeric) IS 'Raises UC010 amount_exceeds_refundable';

--
-- Name: _refuse_part_of_erasure(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_part_of_erasure(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_part_of_erasure() IS 'Raises UC017';

--
-- Name: _refuse_pseudonym(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_pseudonym(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_pseudonym(p_user_id text) IS 'Raises UC001 for the id of somebody who was erased, or one that looks like it: nothing comes in for them, and they use no pool';

--
-- Name: _refuse_reused_key(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_reused_key(p_idempotency_key text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_reused_key(p_idempotency_key text) IS 'Raises UC004 idempotency_key_reused';

--
-- Name: _refuse_row(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_row(p_account text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_row(p_account text) IS 'Raises UC017 for a ledger row that no function would write';

--
-- Name: _refuse_too_large(numeric, numeric); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_too_large(p_balance numeric, p_amount numeric); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_too_large(p_balance numeric, p_amount numeric) IS 'Raises UC008 balance_too_large';

--
-- Name: _refuse_too_many_attempts(timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._refuse_too_many_attempts(p_until timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC018',
        message = 'Too many attempts',
        detail = json_build_object(
            'retryAfterSeconds', greatest(1, ceil(extract(epoch from p_until - credits._now())))::integer
        )::text,
        hint = 'Wait as long as retryAfterSeconds says';
end
$$;

ALTER FUNCTION credits._refuse_too_many_attempts(p_until timestamp with time zone) OWNER TO credits_owner;

--
-- Name: FUNCTION _refuse_too_many_attempts(p_until timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_too_many_attempts(p_until timestamp with time zone) IS 'Raises UC018 too_many_attempts';

--
-- Name: _refuse_unknown_pool(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_unknown_pool(p_organization_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_unknown_pool(p_organization_id text) IS 'Raises UC005 guild_pool_not_found';

--
-- Name: _refuse_unknown_usage(uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._refuse_unknown_usage(p_transaction_id uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UC009',
        message = 'This user has no such usage',
        detail = json_build_object('transactionId', p_transaction_id)::text,
        hint = 'Give the id of a usage of this user''s, or leave it out to credit the user';
end
$$;

ALTER FUNCTION credits._refuse_unknown_usage(p_transaction_id uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION _refuse_unknown_usage(p_transaction_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._refuse_unknown_usage(p_transaction_id uuid) IS 'Raises UC009 transaction_not_found';

--
-- Name: _register_consumer(text, text[], text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._register_consumer(p_consumer text, p_types text[], p_login text) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
    v_position bigint;
begin
    perform credits._check_id('consumer', p_consumer);
    if cardinality(p_types) > 0 is not true
        or not p_types <@ array['balance.changed', 'balance.low', 'gift.redeemed', 'purchase.completed', 'hold.expired']
    then
        perform credits._refuse_invalid('types', 'must name at least one type of event, and no others');
    end if;
    if p_login is not null and not exists (
        select from pg_roles r
        where r.rolname = p_login
            and r.rolcanlogin
            and (pg_has_role(r.oid, 'credits_service', 'member') or pg_has_role(r.oid, 'credits_api', 'member'))
    ) then
        perform credits._refuse_invalid('login', 'must be a login in credits_service or credits_api');
    end if;
    -- Nobody may turn the events of balances off in between (credits.trim_events), nor register the same name.
    select l.last_position into v_position from credits.event_log l for update;
    if exists (
        select from credits.event_consumers c where c.consumer = p_consumer and (c.login is null) <> (p_login is null)
    ) then
        perform credits._refuse_invalid('consumer', case
            when p_login is null then 'is read by a login: drop it first, or choose another name'
            else 'is a webhook: drop it first, or choose another name'
        end);
    end if;
    insert into credits.event_consumers as c (consumer, types, login, position)
    values (p_consumer, p_types, p_login, v_position)
    on conflict (consumer) do update
        set
            types = excluded.types,
            login = excluded.login,
            position = case when c.lost_at is null then c.position else excluded.position end,
            lost_at = null
    returning c.position into v_position;
    perform credits._set_balance_events();
    return v_position;
end
$$;

ALTER FUNCTION credits._register_consumer(p_consumer text, p_types text[], p_login text) OWNER TO credits_owner;

--
-- Name: FUNCTION _register_consumer(p_consumer text, p_types text[], p_login text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._register_consumer(p_consumer text, p_types text[], p_login text) IS 'Registers a consumer, or gives one of the same kind other types and another login; p_login is null for a webhook. Raises UC001 for a name or types that cannot be, a login that may not read events, and a name that belongs to the other kind. Returns the position it begins after';

--
-- Name: _repay_from_dated(text, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _repay_from_dated(p_user_id text, p_at timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._repay_from_dated(p_user_id text, p_at timestamp with time zone) IS 'A debt is repaid first: takes from dated credits that have come in, or back, at p_at what is more than the balance has, soonest to expire first. The movement''s cause is the dated credits themselves, so that no refund ever restores it';

--
-- Name: _restore_dated(credits.transactions, numeric, numeric, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._restore_dated(p_debit credits.transactions, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_held credits.reservations;
begin
    -- A committed reservation took its dated credits when it was made, for all that it held.
    if p_debit.type = 'usage' and p_debit.reference_id is not null then
        select * into v_held
        from credits.reservations
        where account_id = p_debit.user_id and id = p_debit.reference_id::uuid;
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

--
-- Name: FUNCTION _restore_dated(p_debit credits.transactions, p_given_before numeric, p_amount numeric, p_at timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._restore_dated(p_debit credits.transactions, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) IS 'After p_amount of a debit has been given back at p_at: restores the dated credits it took, then lets go what expired meanwhile';

--
-- Name: _rewrite_identity(text, text, boolean, text[], uuid[], text[]); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._rewrite_identity(p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[]) RETURNS integer
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
    set user_id = p_pseudonym, stripe_customer_id = null, failure_reason = null, metadata = '{}'
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
        target_matrix_id = case when target_matrix_id is not null then '' end,
        request_digest = ''
    where creator_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update gifts.gift_codes g
    set
        target_email = case when g.target_email is not null then p_pseudonym end,
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
    set target_email = p_pseudonym, target_matrix_id = null, request_digest = ''
    where code = any (p_gifts_for_them);
    get diagnostics v_rows = row_count;
    return v_total + v_rows;
end
$$;

ALTER FUNCTION credits._rewrite_identity(p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[]) OWNER TO credits_owner;

--
-- Name: FUNCTION _rewrite_identity(p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[]); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._rewrite_identity(p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[]) IS 'The part of erase_user that puts a pseudonym in the place of a person, table by table; returns how many rows it rewrote or removed. Only what the caller has locked (_lock_person): what is begun elsewhere meanwhile is a new person''s. Ledgers before what refers to them, since the triggers check that';

--
-- Name: _run_checks(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._run_checks(p_scope text, p_check_name text) RETURNS TABLE(check_name text, description text, discrepancies bigint, milliseconds numeric, sample jsonb)
    LANGUAGE plpgsql STABLE
    AS $$
declare
    v_view record;
    v_started timestamptz;
begin
    if p_check_name is null then
        raise notice 'checking %', case p_scope when 'new' then 'what is new since the last clean run' else 'everything' end;
    end if;
    for v_view in
        select
            c.relname as name,
            obj_description(c.oid, 'pg_class') as description,
            case when p_scope = 'new' and to_regclass(format('reconcile_new.%I', c.relname)) is not null
                then 'reconcile_new' else 'reconcile'
            end as schema_name
        from pg_class c
        where c.relnamespace = 'reconcile'::regnamespace
            and c.relkind = 'v'
            and (p_check_name is null or c.relname = p_check_name)
        order by c.relname
    loop
        v_started := credits._now();
        check_name := v_view.name;
        description := v_view.description;
        execute format(
            'select count(*), jsonb_agg(to_jsonb(off) - ''place'') filter (where place <= 5)
             from (select *, row_number() over () as place from %I.%I) off',
            v_view.schema_name, v_view.name
        ) into discrepancies, sample;
        milliseconds := round((extract(epoch from credits._now() - v_started) * 1000)::numeric, 1);
        raise notice '%', format(
            '%s %s %s s',
            rpad(check_name, 36),
            lpad(case discrepancies when 0 then 'clean' else discrepancies || ' off' end, 10),
            lpad((milliseconds / 1000)::numeric(12, 2)::text, 9)
        );
        return next;
    end loop;
end
$$;

ALTER FUNCTION credits._run_checks(p_scope text, p_check_name text) OWNER TO credits_owner;

--
-- Name: FUNCTION _run_checks(p_scope text, p_check_name text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._run_checks(p_scope text, p_check_name text) IS 'Runs every view of the schema reconcile, or the one of that name, on the snapshot of the calling statement; in the scope new its namesake of the schema reconcile_new where there is one. Each result is also a notice, as soon as it is there';

--
-- Name: _set_balance_events(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._set_balance_events() RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
    v_wanted constant boolean := exists (
        select from credits.event_consumers c where 'balance.changed' = any (c.types) and c.lost_at is null
    );
begin
    if v_wanted <> credits._balance_events_wanted() then
        execute format(
            'create or replace function credits._balance_events_wanted() returns boolean language sql stable as %L',
            'select ' || v_wanted
        );
    end if;
end
$$;

ALTER FUNCTION credits._set_balance_events() OWNER TO credits_owner;

--
-- Name: FUNCTION _set_balance_events(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._set_balance_events() IS 'Has debits look for consumers of the event balance.changed if there are any, and not otherwise. The caller has locked credits.event_log, so that nobody registers or turns it off meanwhile. Holds for transactions that begin after this one has committed';

--
-- Name: _settle_balance(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _settle_balance(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._settle_balance(p_user_id text) IS 'Brings a balance, which the caller has locked, up to this moment: frees holds past their time and lets expired credits go. Returns it';

--
-- Name: _settle_pool(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _settle_pool(p_organization_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._settle_pool(p_organization_id text) IS 'Brings a pool, which the caller has locked, up to this moment: frees holds past their time. Returns it';

--
-- Name: _shape(anyarray); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._shape(p_array anyarray) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case when cardinality(p_array) = 0 then '' else array_dims(p_array) end
$$;

ALTER FUNCTION credits._shape(p_array anyarray) OWNER TO credits_owner;

--
-- Name: FUNCTION _shape(p_array anyarray); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._shape(p_array anyarray) IS 'The bounds of an array, such as [1:3]; empty for an empty one, null for null';

--
-- Name: _spending_windows(text, text, date); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._spending_windows(p_organization_id text, p_user_id text, p_day date) RETURNS TABLE(daily_limit numeric, monthly_limit numeric, spent_today numeric, spent_this_month numeric, day_resets_at timestamp with time zone, month_resets_at timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
    select
        l.daily_limit,
        l.monthly_limit,
        coalesce(s.today, 0),
        coalesce(s.this_month, 0),
        (p_day + 1)::timestamp at time zone z.limits_time_zone,
        (date_trunc('month', p_day::timestamp) + interval '1 month') at time zone z.limits_time_zone
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

--
-- Name: FUNCTION _spending_windows(p_organization_id text, p_user_id text, p_day date); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._spending_windows(p_organization_id text, p_user_id text, p_day date) IS 'A member''s limits and what was spent or is held of a pool in the day and month of p_day; reads at most 31 counters';

--
-- Name: _standing_after(credits.transactions); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _standing_after(p_row credits.transactions); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._standing_after(p_row credits.transactions) IS 'The ledger row with the figures of an account when the call that wrote p_row was over: that row, or the last by which dated credits left again that it had brought back after their date. The same for ever, so a retry is answered alike';

--
-- Name: _take_attempt(text, text, integer, interval); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._take_attempt(p_kind text, p_subject text, p_most integer, p_window interval) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    AS $$
declare
    v_share constant interval := p_window / p_most;
    v_now constant timestamptz := credits._now();
    v_free_at timestamptz;
begin
    -- A flood is refused by reading one row: it writes nothing and uses up no transaction id.
    v_free_at := credits._free_attempt_at(p_kind, p_subject, p_most, p_window);
    if v_free_at is not null then
        return v_free_at;
    end if;
    -- Those who try at once wait for each other here, so that none of them is missed.
    insert into credits.attempts as a (subject, kind, free_at) values (p_subject, p_kind, v_now + v_share)
    on conflict (subject, kind) do update set free_at = greatest(a.free_at, v_now) + v_share
    where greatest(a.free_at, v_now) + v_share <= v_now + p_window;
    if not found then
        return credits._free_attempt_at(p_kind, p_subject, p_most, p_window);
    end if;
    return null;
end
$$;

ALTER FUNCTION credits._take_attempt(p_kind text, p_subject text, p_most integer, p_window interval) OWNER TO credits_owner;

--
-- Name: FUNCTION _take_attempt(p_kind text, p_subject text, p_most integer, p_window interval); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._take_attempt(p_kind text, p_subject text, p_most integer, p_window interval) IS 'Counts an attempt: p_most at once, and as many anew in p_window. Null when it was free, else when the next one will be, and nothing is counted. Locks the subject''s row until the transaction ends, so that the count is exact';

--
-- Name: _take_dated(text, uuid, numeric, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _take_dated(p_user_id text, p_cause_id uuid, p_amount numeric, p_at timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._take_dated(p_user_id text, p_cause_id uuid, p_amount numeric, p_at timestamp with time zone) IS 'Counts a debit of p_amount, made at p_at, against the account''s dated credits, soonest to expire first; what they do not cover is undated';

--
-- Name: _transaction_text(credits.transactions); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._transaction_text(p_row credits.transactions) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    select concat_ws(
        E'\n',
        p_row.sequence::text,
        p_row.id::text,
        p_row.type::text,
        p_row.status::text,
        p_row.amount::text,
        p_row.balance_before::text,
        p_row.balance_after::text,
        p_row.reserved_after::text,
        p_row.total_spent_after::text,
        p_row.reversal::text,
        coalesce(p_row.app_id, ''),
        coalesce(p_row.guild_id, ''),
        -- An erasure empties the references of grants, which their grantors chose.
        coalesce(case when p_row.type <> 'grant' then p_row.reference_id end, ''),
        (extract(epoch from p_row.created_at) * 1000000)::bigint::text,
        (extract(epoch from p_row.completed_at) * 1000000)::bigint::text,
        p_row.called_by
    )
$$;

ALTER FUNCTION credits._transaction_text(p_row credits.transactions) OWNER TO credits_owner;

--
-- Name: FUNCTION _transaction_text(p_row credits.transactions); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._transaction_text(p_row credits.transactions) IS 'The canonical text of a personal ledger row: what of it never changes, one field a line; times are microseconds since 1970. Nothing that an erasure rewrites, so that seals outlast it. It can be no other row''s text: no field but the last may hold a line feed';

--
-- Name: _use_guild_step_by_step(text, text, numeric, text, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _use_guild_step_by_step(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._use_guild_step_by_step(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) IS 'What use_guild_credits does with a debit that is not plain (a retry, a refusal, an alert, caps): locks the pool and looks at one thing after the other. The caller has checked the parameters, but for p_organization_id';

--
-- Name: _use_guild_together(text[], text[], numeric[], text[], text[], text[], jsonb[], text[]); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._use_guild_together(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) RETURNS SETOF credits.guild_use_outcome
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_ids uuid[] := array(select credits._new_id() as id from generate_series(1, cardinality(p_user_ids)) order by id);
    v_now timestamptz := credits._now();
    v_request_id text := left(nullif(current_setting('credits.request_id', true), ''), 128);
    v_day date := credits._limits_day();
begin
    perform set_config('credits.posting', 'direct', true);
    -- What is carried through sorts and windows is narrow; the rest is looked up in its array by the item's number.
    return query
    with items as (
        select i.*
        from unnest(p_organization_ids, p_user_ids, p_amounts, p_idempotency_keys)
            with ordinality as i (organization_id, user_id, amount, idempotency_key, item)
    ),
    twins as (
        select from items i where i.idempotency_key is not null group by i.organization_id, i.idempotency_key having count(*) > 1
    ),
    -- Nothing, in nearly every batch: then nothing is sorted for it.
    later_twins as (
        select i.item
        from (
            select i.item, row_number() over (partition by i.organization_id, i.idempotency_key order by i.item) as place
            from items i
            where i.idempotency_key is not null and exists (select from twins)
        ) i
        where i.place > 1
    ),
    judged as (
        select
            i.item, i.organization_id, i.user_id, i.amount,
            p.reserved,
            greatest(v_now, p.updated_at + interval '1 microsecond') as at,
            p.balance - sum(i.amount) over pool as available_after,
            p.total_spent + sum(i.amount) over pool as total_spent_after,
            p.version + row_number() over pool as sequence
        from items i
        join credits.guild_pools p on p.organization_id = i.organization_id
        where (p.reserved = 0 or not credits._has_overdue_holds(p.organization_id))
            and p.low_balance_at is null
            and (p.last_transaction_id >= v_ids[1]) is not true
            and credits._is_id(i.user_id)
            and not credits._is_pseudonym(i.user_id)
            and credits._is_use(i.amount, p_app_ids[i.item], p_descriptions[i.item], i.idempotency_key, '{}')
            and (p_metadata[i.item] is null or credits._is_metadata(p_metadata[i.item]))
            and not exists (
                select from credits.guild_transactions o
                where o.organization_id = i.organization_id and o.idempotency_key = i.idempotency_key
            )
            and (p.reservations_count = 0 or not exists (
                select from credits.reservations r
                where r.account_id = i.organization_id and r.organization_id is not null and r.idempotency_key = i.idempotency_key
            ))
            and not exists (
                select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
            )
            and i.item not in (select l.item from later_twins l)
        window pool as (partition by i.organization_id order by i.item)
    ),
    over_limit as (
        select m.organization_id
        from (select j.organization_id, j.user_id, sum(j.amount) as amount from judged j group by j.organization_id, j.user_id) m
        join credits.guild_spending_limits l on l.organization_id = m.organization_id and l.user_id = m.user_id
        cross join lateral credits._member_spending(m.organization_id, m.user_id, v_day) used
        where l.daily_limit < used.today + m.amount or l.monthly_limit < used.this_month + m.amount
    ),
    posted as materialized (
        select j.*, v_ids[j.item] as id, 'usage'::credits.guild_transaction_type as type, false as replayed
        from judged j
        where j.available_after >= 0 and j.organization_id not in (select o.organization_id from over_limit o)
    ),
    moved as (
        update credits.guild_pools p
        set
            balance = p.balance - a.amount,
            total_spent = p.total_spent + a.amount,
            version = p.version + a.rows,
            last_transaction_id = v_ids[a.last_item],
            updated_at = a.at
        from (
            select o.organization_id, sum(o.amount) as amount, count(*) as rows, max(o.item) as last_item, max(o.at) as at
            from posted o
            group by o.organization_id
        ) a
        where p.organization_id = a.organization_id
    ),
    counted as (
        insert into credits.guild_member_spending as s (organization_id, user_id, day, spent)
        select p.organization_id, p.user_id, v_day, sum(p.amount)
        from posted p
        group by p.organization_id, p.user_id
        on conflict (organization_id, user_id, day) do update set spent = s.spent + excluded.spent
    ),
    ledger as (
        insert into credits.guild_transactions (
            organization_id, id, sequence, user_id, type, amount, balance_before, balance_after, reserved_after, total_spent_after,
            spending_day, app_id, description, metadata, idempotency_key, created_at, request_id
        )
        select
            p.organization_id, p.id, p.sequence, p.user_id, p.type, -p.amount,
            p.available_after + p.reserved + p.amount, p.available_after + p.reserved, p.reserved,
            p.total_spent_after, v_day, p_app_ids[p.item], p_descriptions[p.item], coalesce(p_metadata[p.item], '{}'),
            p_idempotency_keys[p.item], p.at, coalesce(left(nullif(p_request_ids[p.item], ''), 128), v_request_id)
        from posted p
    )
    select
        i.item::integer, null, null, null, null,
        p.id, p.organization_id, p.user_id, p.type, -p.amount, p.available_after + p.reserved + p.amount,
        p.available_after + p.reserved, p_app_ids[p.item], p_descriptions[p.item],
        case when p.id is not null then coalesce(p_metadata[p.item], '{}') end, p_idempotency_keys[p.item], p.at,
        p.available_after, p.available_after + p.reserved + p.total_spent_after, p.total_spent_after, p.reserved, p.replayed
    from unnest(v_ids) with ordinality as i (id, item)
    left join posted p on p.item = i.item
    order by i.item;
    perform set_config('credits.posting', '', true);
    if credits._balance_events_wanted() then
        perform credits._emit_balance(
            t.user_id, t.organization_id, t.id, t.type::text, t.amount, t.balance_after, t.reserved_after, t.app_id, null
        )
        from (
            select t.*
            from unnest(p_organization_ids, v_ids) as i (organization_id, id)
            join credits.guild_transactions t on t.organization_id = i.organization_id and t.id = i.id
            order by t.organization_id, t.sequence
        ) t;
    end if;
end
$$;

ALTER FUNCTION credits._use_guild_together(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) OWNER TO credits_owner;

--
-- Name: FUNCTION _use_guild_together(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._use_guild_together(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) IS 'The part of use_guild_credits_batch that decides and writes all the simple debits at once: new keys, enough credits for an item and those before it, all of the pool''s members within their limits, no holds past their time, no caps. The other items come back with their number alone, untouched. The caller has locked the pools';

--
-- Name: _use_step_by_step(text, numeric, text, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION _use_step_by_step(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._use_step_by_step(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) IS 'What use_credits does with a debit that is not plain (a retry, a refusal, dated credits, an alert, caps): locks the balance and looks at one thing after the other. The caller has checked the parameters, but for p_user_id';

--
-- Name: _use_together(text[], numeric[], text[], text[], text[], jsonb[], text[]); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._use_together(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) RETURNS SETOF credits.use_outcome
    LANGUAGE plpgsql
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

--
-- Name: FUNCTION _use_together(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._use_together(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) IS 'The part of use_credits_batch that decides and writes all the simple debits at once: new keys, enough credits for an item and those before it, no dated ones and no holds past their time, no caps. The other items come back with their number alone, untouched. The caller has locked the balances';

--
-- Name: ack_events(text, bigint); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.ack_events(p_consumer text, p_position bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_consumer credits.event_consumers := credits._event_consumer(p_consumer);
begin
    if p_position <= (select l.last_position from credits.event_log l) is not true then
        perform credits._refuse_invalid('position', 'must be that of an event that was read');
    end if;
    update credits.event_consumers
    set position = greatest(position, p_position)
    where consumer = v_consumer.consumer
    returning position into p_position;
    return p_position;
end
$$;

ALTER FUNCTION credits.ack_events(p_consumer text, p_position bigint) OWNER TO credits_owner;

--
-- Name: FUNCTION ack_events(p_consumer text, p_position bigint); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.ack_events(p_consumer text, p_position bigint) IS 'Says that a consumer is done with all events up to a position; it never goes back. Returns the position it is at.
Errors: UC019 event_consumer_not_found, UC020 event_consumer_lost, UC001 invalid_request.
Idempotency: by nature.
Locks: the consumer.';

--
-- Name: attach_payment(text, uuid, text, text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text DEFAULT NULL::text, p_stripe_checkout_session_id text DEFAULT NULL::text, p_stripe_customer_id text DEFAULT NULL::text) RETURNS TABLE(attached boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_now constant timestamptz := credits._now();
    v_purchase credits.purchases;
    v_customer_id text := p_stripe_customer_id;
begin
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    if credits._is_pseudonym(v_purchase.user_id) then
        -- Their customer is deleted already, or was made after the erasure: the background work ends what it could pay.
        insert into credits.stripe_customer_deletions (stripe_customer_id)
        select v_customer_id where v_customer_id is not null
        on conflict do nothing;
        v_customer_id := null;
    end if;
    update credits.purchases
    set
        stripe_payment_intent_id = coalesce(stripe_payment_intent_id, p_stripe_payment_intent_id),
        stripe_checkout_session_id = coalesce(stripe_checkout_session_id, p_stripe_checkout_session_id),
        stripe_customer_id = coalesce(stripe_customer_id, v_customer_id),
        updated_at = greatest(updated_at, v_now)
    where user_id = v_purchase.user_id and id = p_purchase_id;
    return query select coalesce(v_purchase.user_id = p_user_id, false);
end
$$;

ALTER FUNCTION credits.attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text, p_stripe_customer_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text, p_stripe_customer_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text, p_stripe_customer_id text) IS 'Notes which Stripe objects belong to a purchase; what is known already stays. attached says whether the purchase is p_user_id''s still. If its buyer has been erased meanwhile, the customer is to be deleted at Stripe instead.
Errors: none; an unknown purchase is left alone.
Idempotency: by nature.
Locks: the purchase.';

--
-- Name: begin_purchase(text, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.begin_purchase(p_user_id text, p_package_id uuid) RETURNS TABLE(purchase_id uuid, package_id uuid, package_name text, package_description text, credits numeric, price_euro_cents integer, currency text, stripe_customer_id text, stripe_price_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_package credits.packages;
    v_purchase credits.purchases;
    v_free_at timestamptz;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._refuse_pseudonym(p_user_id);
    select * into v_package from credits.packages where id = p_package_id and active;
    if not found then
        raise exception using
            errcode = 'UC006',
            message = 'There is no such package',
            detail = json_build_object('packageId', p_package_id)::text,
            hint = 'Take an id from credits.list_packages';
    end if;
    v_free_at := credits._take_attempt('purchase', p_user_id, 20, interval '10 minutes');
    if v_free_at is not null then
        perform credits._refuse_too_many_attempts(v_free_at);
    end if;
    insert into credits.purchases (user_id, id, package_id, package_name, credits, price_euro_cents, stripe_customer_id)
    values (
        p_user_id, credits._new_id(), v_package.id, v_package.name, v_package.credits, v_package.price_euro_cents,
        (select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id)
    )
    returning * into v_purchase;
    return query select
        v_purchase.id, v_package.id, v_package.name, v_package.description, v_purchase.credits,
        v_purchase.price_euro_cents, v_purchase.currency, v_purchase.stripe_customer_id, v_package.stripe_price_id;
end
$$;

ALTER FUNCTION credits.begin_purchase(p_user_id text, p_package_id uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION begin_purchase(p_user_id text, p_package_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.begin_purchase(p_user_id text, p_package_id uuid) IS 'Opens a purchase of a package at its present price, and tells the user''s Stripe customer if there is one.
Errors: UC001 invalid_request, UC006 package_not_found, UC018 too_many_attempts: a user may begin 20 purchases at once, and as many anew in 10 minutes.
Idempotency: none; each call is a purchase of its own, and none of them moves credits.
Locks: the user''s attempts, the new purchase.';

--
-- Name: claim_job(text, double precision); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.claim_job(p_name text, p_seconds double precision) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    insert into credits.job_claims as c (name, claimed_at)
    values (p_name, credits._now())
    on conflict (name) do update
        set claimed_at = excluded.claimed_at
        where c.claimed_at <= excluded.claimed_at - make_interval(secs => p_seconds);
    return found;
end
$$;

ALTER FUNCTION credits.claim_job(p_name text, p_seconds double precision) OWNER TO credits_owner;

--
-- Name: FUNCTION claim_job(p_name text, p_seconds double precision); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.claim_job(p_name text, p_seconds double precision) IS 'Takes a job that one process at a time should do; true for the one caller who gets it, and for nobody else in the next p_seconds. A claim needs no end: whoever took it may die. It is held by a row and not by a session, so it works through any pooler.
Errors: none.
Idempotency: none; each claim counts.
Locks: the claim.';

--
-- Name: claim_measurement(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.claim_measurement() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_now constant timestamptz := credits._now();
begin
    insert into credits.figures as f (due_at) values (v_now + interval '10 minutes')
    on conflict (only_row) do update set due_at = excluded.due_at where f.due_at <= v_now;
    return found;
end
$$;

ALTER FUNCTION credits.claim_measurement() OWNER TO credits_owner;

--
-- Name: FUNCTION claim_measurement(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.claim_measurement() IS 'Whether it is time to measure and the caller is the one to do so, by credits.measure in a transaction after this one. If that fails or is cut off, nobody tries again for 10 minutes: what takes too long is not begun over and over.
Errors: none.
Idempotency: none; of several callers at once one is told to.
Locks: the row of figures.';

--
-- Name: claim_webhooks(integer, double precision); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.claim_webhooks(p_limit integer, p_seconds double precision) RETURNS TABLE(consumer text, url text, secret text, failures integer, claim uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
    return query
        update credits.webhooks w
        set claim = gen_random_uuid(), due_at = credits._now() + make_interval(secs => p_seconds)
        from (
            select d.consumer
            from credits.webhooks d
            join credits.event_consumers c on c.consumer = d.consumer
            where d.due_at <= credits._now()
                and c.lost_at is null
                and c.position < (select l.last_position from credits.event_log l)
            order by d.due_at
            limit p_limit
            for update of d skip locked
        ) due
        join credits.webhook_secrets s on s.consumer = due.consumer
        where w.consumer = due.consumer
        returning w.consumer, w.url, s.secret, w.failures, w.claim;
end
$$;

ALTER FUNCTION credits.claim_webhooks(p_limit integer, p_seconds double precision) OWNER TO credits_owner;

--
-- Name: FUNCTION claim_webhooks(p_limit integer, p_seconds double precision); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.claim_webhooks(p_limit integer, p_seconds double precision) IS 'Takes up to p_limit webhooks for which there are events and whose pause is over; nobody else gets them in the next p_seconds, unless they are given back with credits.release_webhook. Whoever took them may die.
Errors: none.
Idempotency: none; each claim counts.
Locks: the webhooks it returns (those locked by others are left).';

--
-- Name: commit_reservation(uuid, numeric, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric DEFAULT NULL::numeric, p_description text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS TABLE(transaction_id uuid, committed numeric, released numeric, balance numeric, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_amount numeric;
    v_replayed boolean;
    v_now timestamptz;
begin
    perform credits._check_movement(coalesce(p_amount, 1), coalesce(p_description, ''), null, coalesce(p_metadata, '{}'));
    v_held := credits._lock_reservation(p_reservation_id);
    v_amount := coalesce(p_amount, v_held.amount);
    v_replayed := v_held.status = 'committed' and v_held.committed_amount = v_amount;

    if not v_replayed then
        if v_held.status <> 'held' then
            perform credits._refuse_ended(v_held);
        end if;
        -- The day's amount was counted when the credits were set aside.
        perform credits._check_cap('commit', v_held.app_id, 0);
        if v_amount > v_held.amount then
            raise exception using
                errcode = 'UC015',
                message = 'More than what is reserved cannot be committed',
                detail = json_build_object('requested', trim_scale(v_amount), 'reserved', trim_scale(v_held.amount))::text,
                hint = 'Commit at most what is reserved, and debit the rest by itself';
        end if;
        v_now := credits._now();
        update credits.reservations
        set status = 'committed', committed_amount = v_amount, ended_at = v_now
        where account_id = v_held.account_id and id = v_held.id
        returning * into v_held;
        v_held := credits._post_commit(v_held, coalesce(p_description, v_held.reason), coalesce(p_metadata, '{}'));
    end if;
    return query select
        v_held.transaction_id, v_held.committed_amount, v_held.amount - v_held.committed_amount,
        v_held.balance_after_end, v_replayed;
end
$$;

ALTER FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb) IS 'Uses what was set aside, all of it or p_amount, and frees the rest: one ledger row of type usage.
Errors: UC001 invalid_request, UC011 reservation_not_found, UC012 reservation_already_released, UC013 reservation_already_committed (with another amount), UC014 reservation_expired, UC016 cap_exceeded, UC015 amount_exceeds_reserved.
Idempotency: by the reservation and the amount; a retry returns the first result with replayed = true.
Locks: the pool or the user''s balance, then the reservation.';

--
-- Name: compare_seals(jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.compare_seals(p_heads jsonb) RETURNS TABLE(ledger text, account text, sequence bigint, expected text, actual text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
    if jsonb_typeof(p_heads) is distinct from 'array' or exists (
        select from jsonb_to_recordset(p_heads) as h (ledger text, account text, sequence bigint, id uuid, hash text)
        where (h.ledger in ('personal', 'pool') and num_nulls(h.account, h.sequence, h.id, h.hash) = 0) is not true
    ) then
        perform credits._refuse_invalid('heads', 'must be an array of objects with ledger, account, sequence, id and hash');
    end if;
    return query
    with heads as materialized (
        select h.*, own.user_id is not null as is_in_place
        from jsonb_to_recordset(p_heads) as h (ledger text, account text, sequence bigint, id uuid, hash text)
        left join credits.transactions own on own.user_id = h.account and own.id = h.id
    ),
    -- Whoever was erased since has a pseudonym now; the ids of their rows have stayed.
    erased as materialized (
        select t.id, t.user_id
        from credits.transactions t
        where t.id in (select h.id from heads h where h.ledger = 'personal' and not h.is_in_place)
            and credits._is_pseudonym(t.user_id)
    )
    select h.ledger, h.account, h.sequence, h.hash, encode(c.hash, 'hex')
    from heads h
    left join erased e on e.id = h.id
    cross join lateral credits.hash_transactions(coalesce(e.user_id, h.account), p_up_to => h.id) c
    where h.ledger = 'personal' and (c.id, c.sequence, encode(c.hash, 'hex')) is distinct from (h.id, h.sequence, h.hash)
    union all
    select h.ledger, h.account, h.sequence, h.hash, encode(c.hash, 'hex')
    from heads h
    cross join lateral credits.hash_guild_transactions(h.account, p_up_to => h.id) c
    where h.ledger = 'pool' and (c.id, c.sequence, encode(c.hash, 'hex')) is distinct from (h.id, h.sequence, h.hash);
end
$$;

ALTER FUNCTION credits.compare_seals(p_heads jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION compare_seals(p_heads jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.compare_seals(p_heads jsonb) IS 'Which ledgers no longer pass through what credits.export_seals told once, recomputed from their rows alone: no seal in this database has a say in it. p_heads is an array of objects of that shape. One row for each ledger that was changed since, none if all is well. A person erased since is found under their pseudonym.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';

--
-- Name: complete_purchase(text, uuid, bigint, text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text DEFAULT NULL::text) RETURNS TABLE(outcome text, transaction_id uuid, balance numeric)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_purchase credits.purchases;
    v_balance credits.balances;
    v_row credits.transactions;
    v_reversed numeric;
    v_forfeited numeric := 0;
    v_now timestamptz;
begin
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    if v_purchase.id is null then
        return query select 'unknown_purchase', null::uuid, null::numeric;
        return;
    end if;
    if v_purchase.status = 'completed' then
        return query select 'already_completed', v_purchase.transaction_id, null::numeric;
        return;
    end if;
    if v_purchase.price_euro_cents is distinct from p_amount_cents or v_purchase.currency is distinct from lower(p_currency) then
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
        stripe_payment_intent_id = coalesce(p_stripe_payment_intent_id, stripe_payment_intent_id)
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
    if credits._is_pseudonym(v_purchase.user_id) then
        v_forfeited := credits._forfeit(v_purchase.user_id);
    end if;
    -- A refund or a dispute may have been reported before the payment.
    select a.balance into v_reversed from credits._apply_reversals(v_purchase) a;
    return query select 'completed', v_row.id, coalesce(v_reversed, v_row.balance_after - v_row.reserved_after - v_forfeited);
end
$$;

ALTER FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text) IS 'Credits a purchase that Stripe says is paid, if amount and currency are the purchase''s own. A success counts whatever was reported before it. If its buyer has been erased meanwhile, what was bought is credited to the pseudonym and forfeited, so that the books say so.
Outcomes: completed, already_completed, amount_mismatch (nothing moves; the purchase keeps the reason), unknown_purchase (nothing moves).
Errors: UC008 balance_too_large.
Idempotency: by the purchase, which is credited once however often and however many at once this is called.
Locks: the purchase, then the user''s balance.';

--
-- Name: confirm_customer_deletion(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.confirm_customer_deletion(p_stripe_customer_id text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    delete from credits.stripe_customer_deletions d where d.stripe_customer_id = p_stripe_customer_id
$$;

ALTER FUNCTION credits.confirm_customer_deletion(p_stripe_customer_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION confirm_customer_deletion(p_stripe_customer_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.confirm_customer_deletion(p_stripe_customer_id text) IS 'Forgets a customer that Stripe has deleted.
Errors: none.
Idempotency: by nature.
Locks: the row that goes.';

--
-- Name: drop_consumer(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.drop_consumer(p_consumer text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    delete from credits.event_consumers where consumer = p_consumer;
    return found;
end
$$;

ALTER FUNCTION credits.drop_consumer(p_consumer text) OWNER TO credits_owner;

--
-- Name: FUNCTION drop_consumer(p_consumer text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.drop_consumer(p_consumer text) IS 'Forgets a consumer of events, its webhook and its secret included; what was kept for it alone is deleted by credits.trim_events. False if there was none. For a DBA.
Errors: none.
Idempotency: by nature.
Locks: the consumer.';

--
-- Name: erase_user(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.erase_user(p_user_id text, p_email text DEFAULT NULL::text) RETURNS TABLE(deleted_count integer, pseudonym text, forfeited_credits numeric, cancelled_gifts integer, released_reservations integer)
    LANGUAGE plpgsql SECURITY DEFINER
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
            p_user_id, v_pseudonym, v_locked.has_account, v_locked.pools, v_locked.purchases, v_locked.gifts_for_them
        ),
        v_pseudonym, v_forfeited, v_cancelled, v_released;
    -- Whoever comes under this id later in the transaction is a new person.
    set constraints credits.check_erasure immediate;
    set constraints credits.check_erasure deferred;
end
$$;

ALTER FUNCTION credits.erase_user(p_user_id text, p_email text) OWNER TO credits_owner;

--
-- Name: FUNCTION erase_user(p_user_id text, p_email text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.erase_user(p_user_id text, p_email text) IS 'Erases a person: open reservations are released, open gifts of theirs cancelled, the balance forfeited by a ledger row of type erasure; then a random pseudonym takes the place of their id in every table, their free text, metadata, keys, Stripe customer and e-mail addresses go, and no amount changes. The id of the Stripe customer alone stays, with nothing that says whose it was, until the background work has deleted it at Stripe. p_email, the address known from Stripe, and the addresses and Matrix ids that they redeemed gifts with are also removed from gifts that others made for them, redeemed or not, and every address and Matrix id from gifts made for them that they redeemed. What others wrote about them stays theirs. deleted_count is the number of rows rewritten or removed.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature; a second call finds nobody and rewrites nothing. An account opened later under the same id is a new person.
Locks: the person''s gifts and those for them, their purchases, the pools they used, their balance. What they do at the same time counts as done before or after, as a whole.';

--
-- Name: expire_attempts(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.expire_attempts() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_count integer;
    v_now constant timestamptz := credits._now();
begin
    delete from credits.attempts a
    using (
        select e.subject, e.kind from credits.attempts e where e.free_at <= v_now for update skip locked
    ) expired
    where a.subject = expired.subject and a.kind = expired.kind;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

ALTER FUNCTION credits.expire_attempts() OWNER TO credits_owner;

--
-- Name: FUNCTION expire_attempts(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.expire_attempts() IS 'Forgets who tried what, where all attempts are free again anyway; returns how many rows that were.
Errors: none.
Idempotency: by nature; several callers at once share the work.
Locks: the rows it deletes (those locked by others are left for the next call).';

--
-- Name: expire_due(integer); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.expire_due(p_limit integer DEFAULT 100) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_account text;
    v_accounts integer := 0;
begin
    -- Pools before balances, each in order: the one order in which every function takes locks.
    for v_account in
        select p.organization_id
        from credits.guild_pools p
        where p.organization_id in (
            select r.account_id
            from credits.reservations r
            where r.status = 'held' and r.expires_at <= credits._now() and r.organization_id is not null
            order by r.expires_at
            limit p_limit
        )
        order by p.organization_id
        for no key update skip locked
    loop
        perform credits._settle_pool(v_account);
        v_accounts := v_accounts + 1;
    end loop;
    for v_account in
        select b.user_id
        from credits.balances b
        where b.user_id in (
            (
                select r.account_id
                from credits.reservations r
                where r.status = 'held' and r.expires_at <= credits._now() and r.organization_id is null
                order by r.expires_at
                limit p_limit
            )
            union
            (
                select d.user_id
                from credits.dated_credits d
                where d.remaining > 0 and d.expires_at <= credits._now()
                order by d.expires_at
                limit p_limit
            )
        )
        order by b.user_id
        for no key update skip locked
    loop
        perform credits._settle_balance(v_account);
        v_accounts := v_accounts + 1;
    end loop;
    return v_accounts;
end
$$;

ALTER FUNCTION credits.expire_due(p_limit integer) OWNER TO credits_owner;

--
-- Name: FUNCTION expire_due(p_limit integer); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.expire_due(p_limit integer) IS 'Writes down what time has done already: frees holds past their time and lets expired credits go, for up to p_limit of each. Returns how many accounts it brought up to date; call again until it returns 0.
Errors: none.
Idempotency: by nature; several callers at once share the work.
Locks: pools in order, then balances in order (those locked by others are left for the next call).';

--
-- Name: explain_use(text, numeric, text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.explain_use(p_user_id text, p_amount numeric, p_app_id text, p_guild_id text DEFAULT NULL::text) RETURNS TABLE(allowed boolean, refusal text, message text, details jsonb, passes_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_details text;
begin
    -- The real debit, taken back at once: so the answer is never another one than the debit's own.
    begin
        if p_guild_id is null then
            perform credits.use_credits(p_user_id, p_amount, p_app_id, '');
        else
            perform credits.use_guild_credits(p_guild_id, p_user_id, p_amount, p_app_id, '');
        end if;
        raise exception using errcode = 'UX001', message = 'taken back';
    exception
        when sqlstate 'UX001' then
            allowed := true;
            passes_at := credits._now();
        when sqlstate 'UC002' or sqlstate 'UC003' or sqlstate 'UC005' or sqlstate 'UC016' then
            get stacked diagnostics refusal = returned_sqlstate, message = message_text, v_details = pg_exception_detail;
            allowed := false;
            details := v_details::jsonb;
            passes_at := credits._passes_at(refusal, p_user_id, p_amount, p_guild_id, details);
    end;
    return next;
end
$$;

ALTER FUNCTION credits.explain_use(p_user_id text, p_amount numeric, p_app_id text, p_guild_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION explain_use(p_user_id text, p_amount numeric, p_app_id text, p_guild_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.explain_use(p_user_id text, p_amount numeric, p_app_id text, p_guild_id text) IS 'Whether a debit, personal or from a guild''s pool, would pass now; if not, the SQLSTATE that refuses it (refusal) with its figures, and the earliest time at which it would pass as things stand (passes_at; null when time alone does not help). Changes nothing.
Errors: UC001 invalid_request.
Idempotency: changes nothing.
Locks: the balance or the pool, for the moment.';

--
-- Name: export_seals(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.export_seals() RETURNS TABLE(ledger text, account text, sequence bigint, id uuid, hash text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select h.ledger, h.account, h.sequence, h.id, encode(h.hash, 'hex')
    from (
        select
            'personal' as ledger, b.user_id::text as account, coalesce(c.sequence, s.sequence) as sequence,
            coalesce(c.id, s.id) as id, coalesce(c.hash, s.hash) as hash
        from credits.balances b
        left join lateral (
            select s.id, s.sequence, s.hash from credits.seals s where s.user_id = b.user_id order by s.id desc limit 1
        ) s on true
        left join lateral (
            select n.id, n.sequence, n.hash
            from credits.hash_transactions(b.user_id, s.id, null, s.hash) n
            where b.last_transaction_id is distinct from s.id and n.rows > 0
        ) c on true
        union all
        select
            'pool', p.organization_id::text, coalesce(c.sequence, s.sequence), coalesce(c.id, s.id), coalesce(c.hash, s.hash)
        from credits.guild_pools p
        left join lateral (
            select s.id, s.sequence, s.hash from credits.guild_seals s where s.organization_id = p.organization_id order by s.id desc limit 1
        ) s on true
        left join lateral (
            select n.id, n.sequence, n.hash
            from credits.hash_guild_transactions(p.organization_id, s.id, null, s.hash) n
            where p.last_transaction_id is distinct from s.id and n.rows > 0
        ) c on true
    ) h
    where h.id is not null
    order by h.ledger collate "C", h.account collate "C"
$$;

ALTER FUNCTION credits.export_seals() OWNER TO credits_owner;

--
-- Name: FUNCTION export_seals(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.export_seals() IS 'How the hash chain of every ledger stands now, from its newest seal and the rows since, for keeping outside of this database: credits.compare_seals tells later whether the ledgers still pass through it.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: fail_purchase(text, uuid, text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text DEFAULT NULL::text) RETURNS TABLE(outcome text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_purchase credits.purchases;
    v_now timestamptz;
begin
    if p_status is null or p_status not in ('processing', 'failed', 'cancelled') then
        perform credits._refuse_invalid('status', 'must be processing, failed or cancelled');
    end if;
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    if v_purchase.id is null then
        return query select 'unknown_purchase';
        return;
    end if;
    -- Events come in any order: paid is final, and what has ended is not "processing" again.
    if v_purchase.status = 'completed'
        or v_purchase.status = p_status::credits.purchase_status
        or (p_status = 'processing' and v_purchase.status <> 'pending')
        or (p_status = 'failed' and v_purchase.status = 'cancelled')
    then
        return query select 'unchanged';
        return;
    end if;
    v_now := credits._now();
    update credits.purchases
    set status = p_status::credits.purchase_status, failure_reason = p_reason, updated_at = v_now
    where user_id = v_purchase.user_id and id = p_purchase_id;
    return query select 'updated';
end
$$;

ALTER FUNCTION credits.fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text) OWNER TO credits_owner;

--
-- Name: FUNCTION fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text) IS 'Notes that a payment is processing, has failed or was cancelled. It never undoes a completed purchase, and never hinders a later success. If its buyer has been erased meanwhile, the purchase is the pseudonym''s.
Outcomes: updated, unchanged, unknown_purchase.
Errors: UC001 invalid_request.
Idempotency: by nature.
Locks: the purchase.';

--
-- Name: find_purchase(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.find_purchase(p_stripe_payment_intent_id text) RETURNS TABLE(user_id text, purchase_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select p.user_id::text, p.id
    from credits.purchases p
    where p.stripe_payment_intent_id = p_stripe_payment_intent_id
$$;

ALTER FUNCTION credits.find_purchase(p_stripe_payment_intent_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION find_purchase(p_stripe_payment_intent_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.find_purchase(p_stripe_payment_intent_id text) IS 'Whose purchase a Stripe PaymentIntent pays; no row when it is not known.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: fund_guild_pool(text, text, numeric, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text DEFAULT NULL::text, p_description text DEFAULT 'Guild pool funding'::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS TABLE(id uuid, user_id text, type credits.transaction_type, status credits.transaction_status, amount numeric, balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb, idempotency_key text, guild_id text, created_at timestamp with time zone, completed_at timestamp with time zone, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, replayed boolean, pool_transaction_id uuid, pool_balance numeric, pool_total_funded numeric)
    LANGUAGE plpgsql SECURITY DEFINER
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

--
-- Name: FUNCTION fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) IS 'Moves credits from a user''s own balance to a guild''s pool; both ledgers get their row in one transaction.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits, UC008 balance_too_large.
Idempotency: p_idempotency_key within the funder''s account; a retry returns the first movement with replayed = true.
Locks: the pool, then the user''s balance.';

--
-- Name: get_balance(text, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone, expiring jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
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

--
-- Name: FUNCTION get_balance(p_user_id text, p_at timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone) IS 'The balance of a user, now or as it was at p_at; all zeros for a user never seen, and nothing is written. Holds past their time and expired credits no longer count, whether or not anybody has written that down. expiring lists dated credits as [{amount, expiresAt}], null where there are none.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';

--
-- Name: get_balances(text[]); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_balances(p_user_ids text[]) RETURNS TABLE(item bigint, user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone, expiring jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select i.item, b.*
    from unnest(p_user_ids) with ordinality as i (user_id, item)
    cross join lateral credits.get_balance(i.user_id) b
    order by i.item
$$;

ALTER FUNCTION credits.get_balances(p_user_ids text[]) OWNER TO credits_owner;

--
-- Name: FUNCTION get_balances(p_user_ids text[]); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.get_balances(p_user_ids text[]) IS 'The balances of many users in one call, one row for each id in their order, each as credits.get_balance gives it.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';

--
-- Name: get_guild_balance(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_guild_balance(p_organization_id text) RETURNS TABLE(organization_id text, balance numeric, total_funded numeric, total_spent numeric, reserved numeric, created_at timestamp with time zone, updated_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
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

--
-- Name: FUNCTION get_guild_balance(p_organization_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.get_guild_balance(p_organization_id text) IS 'The pool of a guild. Holds past their time no longer count, whether or not anybody has written that down.
Errors: UC005 guild_pool_not_found.
Idempotency: reads only.
Locks: none.';

--
-- Name: get_low_balance_alert(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_low_balance_alert(p_user_id text DEFAULT NULL::text, p_organization_id text DEFAULT NULL::text) RETURNS TABLE(low_balance_at numeric, is_low boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
    if (p_user_id is null) = (p_organization_id is null) then
        perform credits._refuse_invalid('userId', 'must be given, or organizationId in its place');
    end if;
    if p_organization_id is null then
        return query
            select trim_scale(b.low_balance_at), coalesce(b.balance + b.reserved <= b.low_balance_at, false)
            from (select) as always
            left join credits.balances b on b.user_id = p_user_id;
    else
        return query
            select trim_scale(p.low_balance_at), coalesce(p.balance + p.reserved <= p.low_balance_at, false)
            from credits.guild_pools p
            where p.organization_id = p_organization_id;
        if not found then
            perform credits._refuse_unknown_pool(p_organization_id);
        end if;
    end if;
end
$$;

ALTER FUNCTION credits.get_low_balance_alert(p_user_id text, p_organization_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION get_low_balance_alert(p_user_id text, p_organization_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.get_low_balance_alert(p_user_id text, p_organization_id text) IS 'At what balance of a user, or of a guild''s pool, the event balance.low is written, and whether it is that low; null is never.
Errors: UC001 invalid_request, UC005 guild_pool_not_found.
Idempotency: reads only.
Locks: none.';

--
-- Name: get_metrics(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_metrics() RETURNS TABLE(metric text, label text, value double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_now constant timestamptz := credits._now();
    v_figures credits.figures;
    v_due timestamptz;
    v_event timestamptz;
begin
    select * into v_figures from credits.figures where measured_at is not null;
    if found then
        return query values
            ('credits', 'balances', v_figures.balances::double precision),
            ('credits', 'pools', v_figures.pools::double precision),
            ('credits', 'reservations', v_figures.reservations::double precision),
            ('credits', 'gifts', v_figures.gifts::double precision),
            ('open_reservations', null, v_figures.open_reservations::double precision),
            ('open_gifts', null, v_figures.open_gifts::double precision),
            ('figures_age_seconds', null, extract(epoch from v_now - v_figures.measured_at)::double precision);
    end if;
    -- The first entry of an index each.
    v_due := least(
        (select min(r.expires_at) from credits.reservations r where r.status = 'held'),
        (select min(d.expires_at) from credits.dated_credits d where d.remaining > 0),
        (select min(g.expires_at) from gifts.gift_codes g where g.status = 'active')
    );
    v_event := least(
        (
            select e.created_at
            from credits.events e
            where e.position > (select min(c.position) from credits.event_consumers c where c.lost_at is null)
            order by e.position
            limit 1
        ),
        (select o.created_at from credits.outbox o order by o.number limit 1)
    );
    return query
        select 'reconciliation_age_seconds'::text, r.scope, extract(epoch from v_now - max(r.finished_at))::double precision
        from credits.reconciliations r
        where r.clean
        group by r.scope;
    return query values
        ('expiry_lag_seconds', null::text, greatest(0, coalesce(extract(epoch from v_now - v_due), 0))::double precision),
        ('events_lag_seconds', null, greatest(0, coalesce(extract(epoch from v_now - v_event), 0))::double precision),
        (
            'lost_event_consumers', null,
            (select count(*) from credits.event_consumers c where c.lost_at is not null)::double precision
        );
end
$$;

ALTER FUNCTION credits.get_metrics() OWNER TO credits_owner;

--
-- Name: FUNCTION get_metrics(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.get_metrics() IS 'Figures for gauges, one row each, at a cost that does not depend on how much there is: those that credits.measure wrote down last, when the books were last found clean, and how long the oldest hold, dated credit or gift past its time has been waiting to be written down, how long the oldest event has been waiting for the slowest of its consumers, and how many of those are lost.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: get_purchase(text, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_purchase(p_user_id text, p_purchase_id uuid) RETURNS TABLE(id uuid, package_id uuid, credits numeric, price_euro_cents integer, currency text, status credits.purchase_status, stripe_payment_intent_id text, created_at timestamp with time zone, completed_at timestamp with time zone, refunded_cents integer, clawed_back_credits numeric)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return query
    select
        p.id, p.package_id, p.credits, p.price_euro_cents, p.currency, p.status, p.stripe_payment_intent_id,
        p.created_at, p.completed_at, p.refunded_cents, p.clawed_back_credits
    from credits.purchases p
    where p.user_id = p_user_id and p.id = p_purchase_id;
    if not found then
        raise exception using
            errcode = 'UC007',
            message = 'There is no such purchase',
            detail = json_build_object('purchaseId', p_purchase_id)::text,
            hint = 'Take an id from the user''s own purchases';
    end if;
end
$$;

ALTER FUNCTION credits.get_purchase(p_user_id text, p_purchase_id uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION get_purchase(p_user_id text, p_purchase_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.get_purchase(p_user_id text, p_purchase_id uuid) IS 'One purchase of a user''s own.
Errors: UC007 purchase_not_found.
Idempotency: reads only.
Locks: none.';

--
-- Name: get_spending(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_spending(p_organization_id text, p_user_id text) RETURNS TABLE(spent_today numeric, spent_this_month numeric, daily_limit numeric, monthly_limit numeric, daily_remaining numeric, monthly_remaining numeric, day_resets_at timestamp with time zone, month_resets_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        w.spent_today,
        w.spent_this_month,
        w.daily_limit,
        w.monthly_limit,
        case when w.daily_limit is not null then greatest(w.daily_limit - w.spent_today, 0) end,
        case when w.monthly_limit is not null then greatest(w.monthly_limit - w.spent_this_month, 0) end,
        w.day_resets_at,
        w.month_resets_at
    from credits._spending_windows(p_organization_id, p_user_id, credits._limits_day()) w
$$;

ALTER FUNCTION credits.get_spending(p_organization_id text, p_user_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION get_spending(p_organization_id text, p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.get_spending(p_organization_id text, p_user_id text) IS 'What a member has spent of a pool today and this month, the limits, and what they leave; null where there is no limit.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: get_spending_limits(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_spending_limits(p_organization_id text, p_user_id text) RETURNS TABLE(daily_limit numeric, monthly_limit numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select l.daily_limit, l.monthly_limit
    from (select) as always
    left join credits.guild_spending_limits l on l.organization_id = p_organization_id and l.user_id = p_user_id
$$;

ALTER FUNCTION credits.get_spending_limits(p_organization_id text, p_user_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION get_spending_limits(p_organization_id text, p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.get_spending_limits(p_organization_id text, p_user_id text) IS 'The limits of a member of a guild; null means none.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: grant_credits(text, numeric, text, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text DEFAULT NULL::text, p_expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_idempotency_key text DEFAULT NULL::text) RETURNS TABLE(already_granted boolean, new_balance numeric, transaction_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_balance credits.balances;
    v_row credits.transactions;
    v_metadata jsonb;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._check_movement(p_amount, coalesce(p_description, ''), p_idempotency_key, '{}');
    if (char_length(p_reason) between 1 and 255) is not true then
        perform credits._refuse_invalid('reason', 'must be 1 to 255 characters');
    end if;
    if (char_length(p_reference_id) between 1 and 255) is not true then
        perform credits._refuse_invalid('referenceId', 'must be 1 to 255 characters');
    end if;
    v_metadata := jsonb_build_object('reason', p_reason);
    v_balance := credits._lock_balance(p_user_id, p_create => true);

    if p_idempotency_key is not null then
        v_row := credits._find_movement(v_balance, p_idempotency_key);
        if v_row.id is not null then
            if (v_row.type, v_row.amount, v_row.metadata, v_row.reference_id, v_row.description)
                is distinct from ('grant', p_amount, v_metadata, p_reference_id, coalesce(p_description, p_reason))
                or p_expires_at is distinct from (
                    select d.expires_at from credits.dated_credits d where d.user_id = p_user_id and d.id = v_row.id
                )
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            return query select true, v_row.balance_after - v_row.reserved_after, v_row.id;
            return;
        end if;
    end if;

    select * into v_row
    from credits.transactions t
    where t.user_id = p_user_id and t.type = 'grant' and t.reference_id = p_reference_id;
    if found then
        if (v_row.amount, v_row.metadata) is distinct from (p_amount, v_metadata) then
            perform credits._refuse_reused_key(p_reference_id);
        end if;
        return query select true, v_row.balance_after - v_row.reserved_after, v_row.id;
        return;
    end if;

    if p_expires_at <= credits._now() or p_expires_at >= '9999-12-31 00:00:00+00' then
        perform credits._refuse_invalid('expiresAt', 'must lie in the future, and in a year of four digits');
    end if;
    perform credits._check_cap('grant', null, p_amount);
    v_row := credits._post_transaction(
        v_balance, 'grant', p_amount, coalesce(p_description, p_reason), p_idempotency_key => p_idempotency_key,
        p_metadata => v_metadata, p_reference_id => p_reference_id
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

--
-- Name: FUNCTION grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text) IS 'Gives credits to a user, once for each p_reference_id. With p_expires_at they are spent before those that last, and what is left of them then expires at that moment, by a ledger row of type expiry.
Errors: UC001 invalid_request, UC004 idempotency_key_reused (same key, any other parameter; or same reference, another amount or reason), UC001 invalid_request (p_expires_at has passed), UC016 cap_exceeded, UC008 balance_too_large.
Idempotency: p_reference_id within the user''s account, and p_idempotency_key besides if there is one; a retry returns the first result with already_granted = true.
Locks: the user''s balance.';

--
-- Name: hash_guild_transactions(text, uuid, uuid, bytea, bigint); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.hash_guild_transactions(p_organization_id text, p_after uuid DEFAULT NULL::uuid, p_up_to uuid DEFAULT NULL::uuid, p_hash bytea DEFAULT NULL::bytea, p_limit bigint DEFAULT NULL::bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_row record;
    v_rows bigint := 0;
    v_hash bytea := coalesce(p_hash, '');
begin
    for v_row in
        select t.id, t.sequence, credits._guild_transaction_text(t) as text
        from credits.guild_transactions t
        where t.organization_id = p_organization_id
            and t.id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
            and t.id <= coalesce(p_up_to, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by t.id
        limit p_limit
    loop
        v_hash := sha256(v_hash || convert_to(v_row.text, 'UTF8'));
        v_rows := v_rows + 1;
    end loop;
    rows := v_rows;
    id := v_row.id;
    sequence := v_row.sequence;
    hash := v_hash;
end
$$;

ALTER FUNCTION credits.hash_guild_transactions(p_organization_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) OWNER TO credits_owner;

--
-- Name: FUNCTION hash_guild_transactions(p_organization_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.hash_guild_transactions(p_organization_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) IS 'Recomputes the hash chain of a pool''s ledger: from the row after p_after, where it stood at p_hash (the first row unless given), to the row p_up_to (the newest unless given), at most p_limit rows. Returns how many rows that were, the last of them and the hash there.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: hash_transactions(text, uuid, uuid, bytea, bigint); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.hash_transactions(p_user_id text, p_after uuid DEFAULT NULL::uuid, p_up_to uuid DEFAULT NULL::uuid, p_hash bytea DEFAULT NULL::bytea, p_limit bigint DEFAULT NULL::bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_row record;
    v_rows bigint := 0;
    v_hash bytea := coalesce(p_hash, '');
begin
    for v_row in
        select t.id, t.sequence, credits._transaction_text(t) as text
        from credits.transactions t
        where t.user_id = p_user_id
            and t.id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
            and t.id <= coalesce(p_up_to, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by t.id
        limit p_limit
    loop
        v_hash := sha256(v_hash || convert_to(v_row.text, 'UTF8'));
        v_rows := v_rows + 1;
    end loop;
    rows := v_rows;
    id := v_row.id;
    sequence := v_row.sequence;
    hash := v_hash;
end
$$;

ALTER FUNCTION credits.hash_transactions(p_user_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) OWNER TO credits_owner;

--
-- Name: FUNCTION hash_transactions(p_user_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.hash_transactions(p_user_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) IS 'Recomputes the hash chain of a personal ledger: from the row after p_after, where it stood at p_hash (the first row unless given), to the row p_up_to (the newest unless given), at most p_limit rows. Returns how many rows that were, the last of them and the hash there.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: init_balance(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.init_balance(p_user_id text) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone, expiring jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
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

--
-- Name: FUNCTION init_balance(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.init_balance(p_user_id text) IS 'Opens a user''s account with nothing in it, or returns the one that is there.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature; safe to call twice at once.
Locks: the new balance.';

--
-- Name: init_guild_pool(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.init_guild_pool(p_organization_id text) RETURNS TABLE(organization_id text, balance numeric, total_funded numeric, total_spent numeric, reserved numeric, created_at timestamp with time zone, updated_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
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

--
-- Name: FUNCTION init_guild_pool(p_organization_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.init_guild_pool(p_organization_id text) IS 'Opens a guild''s pool with nothing in it, or returns the one that is there.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature; safe to call twice at once.
Locks: the new pool.';

--
-- Name: limits_time_zone(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.limits_time_zone() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select s.limits_time_zone from credits.settings s
$$;

ALTER FUNCTION credits.limits_time_zone() OWNER TO credits_owner;

--
-- Name: FUNCTION limits_time_zone(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.limits_time_zone() IS 'The zone in which days and months of spending limits are cut, one for the whole database.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: list_completed_purchases(timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.list_completed_purchases(p_since timestamp with time zone) RETURNS TABLE(user_id text, purchase_id uuid, stripe_payment_intent_id text, price_euro_cents integer, currency text, refunded_cents integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select p.user_id::text, p.id, p.stripe_payment_intent_id, p.price_euro_cents, p.currency, p.refunded_cents
    from credits.purchases p
    where p.completed_at >= p_since
    order by p.completed_at
$$;

ALTER FUNCTION credits.list_completed_purchases(p_since timestamp with time zone) OWNER TO credits_owner;

--
-- Name: FUNCTION list_completed_purchases(p_since timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.list_completed_purchases(p_since timestamp with time zone) IS 'What was bought and paid since a moment, oldest first, to be compared with what Stripe says.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: list_customer_deletions(integer); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.list_customer_deletions(p_limit integer DEFAULT 100) RETURNS TABLE(stripe_customer_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select d.stripe_customer_id
    from credits.stripe_customer_deletions d
    order by d.created_at, d.stripe_customer_id
    limit p_limit
$$;

ALTER FUNCTION credits.list_customer_deletions(p_limit integer) OWNER TO credits_owner;

--
-- Name: FUNCTION list_customer_deletions(p_limit integer); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.list_customer_deletions(p_limit integer) IS 'Customers of erased persons that are still to be deleted at Stripe.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: list_guild_transactions(text, text, integer, bigint, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.list_guild_transactions(p_organization_id text, p_user_id text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_offset bigint DEFAULT 0, p_cursor uuid DEFAULT NULL::uuid) RETURNS TABLE(id uuid, organization_id text, user_id text, type credits.guild_transaction_type, amount numeric, balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb, idempotency_key text, created_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_below uuid := coalesce(p_cursor, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
    -- Two statements, so that each has a plan that follows its own index.
    if p_user_id is null then
        return query
        select
            t.id, t.organization_id, t.user_id, t.type, t.amount, t.balance_before, t.balance_after, t.app_id::text,
            t.description::text, t.metadata, t.idempotency_key::text, t.created_at
        from credits.guild_transactions t
        where t.organization_id = p_organization_id and t.id < v_below
        order by t.id desc
        limit p_limit offset p_offset;
    else
        return query
        select
            t.id, t.organization_id, t.user_id, t.type, t.amount, t.balance_before, t.balance_after, t.app_id::text,
            t.description::text, t.metadata, t.idempotency_key::text, t.created_at
        from credits.guild_transactions t
        where t.user_id = p_user_id and t.organization_id = p_organization_id and t.id < v_below
        order by t.id desc
        limit p_limit offset p_offset;
    end if;
end
$$;

ALTER FUNCTION credits.list_guild_transactions(p_organization_id text, p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION list_guild_transactions(p_organization_id text, p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.list_guild_transactions(p_organization_id text, p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) IS 'The ledger of a pool, newest first: everybody''s, or one member''s when p_user_id is given; from p_cursor (the id of the last row of the page before) on.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: list_open_disputes(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.list_open_disputes() RETURNS TABLE(user_id text, purchase_id uuid, stripe_dispute_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select d.user_id::text, d.purchase_id, d.stripe_dispute_id
    from credits.purchase_disputes d
    where d.status = 'open'
    order by d.created_at
$$;

ALTER FUNCTION credits.list_open_disputes() OWNER TO credits_owner;

--
-- Name: FUNCTION list_open_disputes(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.list_open_disputes() IS 'Disputes that Stripe has not said the end of, oldest first.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: list_packages(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.list_packages() RETURNS TABLE(id uuid, name text, description text, credits numeric, price_euro_cents integer, stripe_price_id text, active boolean, sort_order integer, metadata jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select p.id, p.name, p.description, p.credits, p.price_euro_cents, p.stripe_price_id, p.active, p.sort_order, p.metadata
    from credits.packages p
    where p.active
    order by p.sort_order, p.price_euro_cents, p.id
$$;

ALTER FUNCTION credits.list_packages() OWNER TO credits_owner;

--
-- Name: FUNCTION list_packages(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.list_packages() IS 'The packages that can be bought, in their order.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: list_purchases(text, integer, bigint, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.list_purchases(p_user_id text, p_limit integer DEFAULT 50, p_offset bigint DEFAULT 0, p_cursor uuid DEFAULT NULL::uuid) RETURNS TABLE(id uuid, package_id uuid, credits numeric, price_euro_cents integer, currency text, status credits.purchase_status, stripe_payment_intent_id text, created_at timestamp with time zone, completed_at timestamp with time zone, refunded_cents integer, clawed_back_credits numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        p.id, p.package_id, p.credits, p.price_euro_cents, p.currency, p.status, p.stripe_payment_intent_id,
        p.created_at, p.completed_at, p.refunded_cents, p.clawed_back_credits
    from credits.purchases p
    where p.user_id = p_user_id and p.id < coalesce(p_cursor, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by p.id desc
    limit p_limit offset p_offset
$$;

ALTER FUNCTION credits.list_purchases(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION list_purchases(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.list_purchases(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) IS 'A user''s purchases, newest first, from p_cursor (the id of the last row of the page before) on.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: list_transactions(text, integer, bigint, uuid, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.list_transactions(p_user_id text, p_limit integer DEFAULT 50, p_offset bigint DEFAULT 0, p_cursor uuid DEFAULT NULL::uuid, p_type text DEFAULT NULL::text, p_app_id text DEFAULT NULL::text, p_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_to timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(id uuid, user_id text, type credits.transaction_type, status credits.transaction_status, amount numeric, balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb, idempotency_key text, guild_id text, created_at timestamp with time zone, completed_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
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
    v_from uuid := coalesce(credits._id_floor(p_from - interval '1 second'), '00000000-0000-0000-0000-000000000000');
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

ALTER FUNCTION credits.list_transactions(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid, p_type text, p_app_id text, p_from timestamp with time zone, p_to timestamp with time zone) OWNER TO credits_owner;

--
-- Name: FUNCTION list_transactions(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid, p_type text, p_app_id text, p_from timestamp with time zone, p_to timestamp with time zone); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.list_transactions(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid, p_type text, p_app_id text, p_from timestamp with time zone, p_to timestamp with time zone) IS 'A user''s ledger, newest first: from p_cursor (the id of the last row of the page before) on, of a type, an app, a time (p_from included, p_to not).
Errors: UC001 invalid_request (unknown type).
Idempotency: reads only.
Locks: none.';

--
-- Name: list_unsettled_purchases(double precision); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.list_unsettled_purchases(p_unfinished_seconds double precision DEFAULT 3600) RETURNS TABLE(user_id text, purchase_id uuid, status credits.purchase_status, stripe_payment_intent_id text, stripe_checkout_session_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select p.user_id::text, p.id, p.status, p.stripe_payment_intent_id, p.stripe_checkout_session_id
    from credits.purchases p
    where p.status = 'processing'
        or (
            p.status = 'pending'
            and p.stripe_payment_intent_id is null
            and p.stripe_checkout_session_id is null
            and p.created_at <= credits._now() - make_interval(secs => p_unfinished_seconds)
        )
    order by p.created_at
$$;

ALTER FUNCTION credits.list_unsettled_purchases(p_unfinished_seconds double precision) OWNER TO credits_owner;

--
-- Name: FUNCTION list_unsettled_purchases(p_unfinished_seconds double precision); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.list_unsettled_purchases(p_unfinished_seconds double precision) IS 'Purchases of which something is still to be heard from Stripe, however old, oldest first: those whose payment is processing, and those begun longer ago than p_unfinished_seconds that know no object of Stripe''s, because whoever began them did not come to an end.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: list_usage(text, date, date); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.list_usage(p_user_id text, p_from date DEFAULT NULL::date, p_to date DEFAULT NULL::date) RETURNS TABLE(date date, app_id text, credits_used numeric, transactions_count bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select s.date, s.app_id, s.credits_used, s.transactions_count
    from credits.usage_stats s
    where s.user_id = p_user_id
        and s.date >= coalesce(p_from, coalesce(p_to, (credits._now() at time zone 'UTC')::date) - 30)
        and s.date <= coalesce(p_to, (credits._now() at time zone 'UTC')::date)
    order by s.date desc, s.app_id
    limit 10000
$$;

ALTER FUNCTION credits.list_usage(p_user_id text, p_from date, p_to date) OWNER TO credits_owner;

--
-- Name: FUNCTION list_usage(p_user_id text, p_from date, p_to date); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.list_usage(p_user_id text, p_from date, p_to date) IS 'What a user used by app and UTC day, from p_from to p_to, both included; by default the 31 days up to today; newest first, at most 10000 rows.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: measure(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.measure() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_started constant timestamptz := credits._now();
begin
    with
    balances as (select sum(b.balance) as spendable, sum(b.reserved) as reserved from credits.balances b),
    pools as (select sum(p.balance) as spendable, sum(p.reserved) as reserved from credits.guild_pools p),
    gifts as (
        select count(*) as open, sum(g.total_credits - g.credits_per_portion * g.claimed_portions) as unclaimed
        from gifts.gift_codes g
        where g.status = 'active'
    ),
    reservations as (select count(*) as open from credits.reservations r where r.status = 'held')
    update credits.figures f
    set
        measured_at = v_started,
        -- A twentieth of one session's time at the most.
        due_at = credits._now() + greatest(interval '1 minute', (credits._now() - v_started) * 20),
        balances = coalesce(b.spendable, 0),
        pools = coalesce(p.spendable, 0),
        reservations = coalesce(b.reserved, 0) + coalesce(p.reserved, 0),
        gifts = coalesce(g.unclaimed, 0),
        open_reservations = r.open,
        open_gifts = g.open
    from balances b, pools p, gifts g, reservations r;
end
$$;

ALTER FUNCTION credits.measure() OWNER TO credits_owner;

--
-- Name: FUNCTION measure(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.measure() IS 'Adds up where all credits are, for credits.get_metrics: reads every balance and pool, open gifts and reservations, and no ledger. Measures again after a minute, or twenty times as long as it took.
Errors: none.
Idempotency: by nature.
Locks: the row of figures; what it reads is not locked.';

--
-- Name: order_events(integer); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.order_events(p_limit integer DEFAULT 1000) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_last bigint;
    v_moved integer;
begin
    -- The common case, without a lock.
    if not exists (select from credits.outbox) then
        return 0;
    end if;
    select l.last_position into v_last from credits.event_log l for update skip locked;
    if not found then
        return 0;  -- somebody else is at it
    end if;
    with moved as (
        delete from credits.outbox o
        using (select w.number from credits.outbox w order by w.number limit p_limit) next
        where o.number = next.number
        returning o.*
    )
    insert into credits.events (position, id, type, user_id, organization_id, data, created_at)
    select v_last + row_number() over (order by m.number), m.id, m.type, m.user_id, m.organization_id, m.data, m.created_at
    from moved m;
    get diagnostics v_moved = row_count;
    if v_moved > 0 then
        update credits.event_log set last_position = v_last + v_moved;
        perform pg_notify('credits_events', (v_last + v_moved)::text);
    end if;
    return v_moved;
end
$$;

ALTER FUNCTION credits.order_events(p_limit integer) OWNER TO credits_owner;

--
-- Name: FUNCTION order_events(p_limit integer); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.order_events(p_limit integer) IS 'Gives up to p_limit events that have been committed their positions, in the order in which each account''s were written, and notifies the channel credits_events with the last one. Returns how many; call again until it returns 0. The API does so all the time; call it in a transaction of its own, since nobody else can order until that ends.
Errors: none.
Idempotency: by nature; several callers at once: one does it, the others return 0.
Locks: the order of events (if somebody else has it, nothing is done); the events moved.';

--
-- Name: read_events(text, integer); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.read_events(p_consumer text, p_limit integer DEFAULT 100) RETURNS TABLE("position" bigint, id uuid, type text, user_id text, organization_id text, data jsonb, created_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_consumer credits.event_consumers := credits._event_consumer(p_consumer);
    v_last bigint;
begin
    if p_limit between 1 and 1000 is not true then
        perform credits._refuse_invalid('limit', 'must be from 1 to 1000');
    end if;
    select l.last_position into v_last from credits.event_log l;
    return query
        select e.position, e.id, e.type, e.user_id, e.organization_id, e.data, e.created_at
        from credits.events e
        where e.position > v_consumer.position and e.type = any (v_consumer.types)
        order by e.position
        limit p_limit;
    if not found and v_last > v_consumer.position then
        -- What others want is not kept for this one.
        update credits.event_consumers c set position = v_last where c.consumer = p_consumer and c.position < v_last;
    end if;
end
$$;

ALTER FUNCTION credits.read_events(p_consumer text, p_limit integer) OWNER TO credits_owner;

--
-- Name: FUNCTION read_events(p_consumer text, p_limit integer); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.read_events(p_consumer text, p_limit integer) IS 'The next events that a consumer has not acknowledged, at most p_limit (1 to 1000), in order; the same ones again until it does. Acknowledge with credits.ack_events once they are dealt with. Drop what you have dealt with before by its id.
Errors: UC019 event_consumer_not_found, UC020 event_consumer_lost, UC001 invalid_request.
Idempotency: reads only, but that a consumer for which there is nothing moves past what others want.
Locks: none; the consumer where it moves.';

--
-- Name: reconcile(text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.reconcile(p_check_name text DEFAULT NULL::text, p_scope text DEFAULT 'new'::text) RETURNS TABLE(check_name text, description text, discrepancies bigint, milliseconds numeric, sample jsonb, scope text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET work_mem TO '64MB'
    AS $$
#variable_conflict use_column
declare
    v_started constant timestamptz := credits._now();
    v_scope text := credits._reconciliation_scope(p_scope);
    v_id uuid;
begin
    -- One check alone proves nothing about the whole, and a standby or a read-only transaction keeps nothing.
    if p_check_name is not null or current_setting('transaction_read_only')::boolean then
        return query select c.*, v_scope from credits._run_checks(v_scope, p_check_name) c;
        return;
    end if;
    -- One run at a time: the next one begins where this one ends.
    insert into credits.job_claims (name, claimed_at) values ('reconcile', v_started) on conflict (name) do nothing;
    perform from credits.job_claims j where j.name = 'reconcile' for update;
    v_scope := credits._reconciliation_scope(p_scope);
    v_id := credits._next_id((select r.id from credits.reconciliations r order by r.id desc limit 1));

    -- One statement, hence one snapshot: where an account is taken to be verified is exactly what the checks have seen.
    return query
    with checked as materialized (
        select * from credits._run_checks(v_scope, null)
    ),
    run as (
        insert into credits.reconciliations (id, scope, started_at, finished_at, clean, credits_held, details)
        select
            v_id, v_scope, v_started, credits._now(), c.clean, h.total, c.details
        from (
            select
                bool_and(discrepancies = 0) as clean,
                jsonb_object_agg(
                    check_name, jsonb_build_object('discrepancies', discrepancies, 'milliseconds', milliseconds)
                ) as details
            from checked
        ) c
        cross join credits.holdings h
        returning clean
    ),
    standing as (
        select
            b.last_transaction_id, b.balance + b.reserved as balance, b.total_earned as total_in, b.total_spent as total_out, b.version,
            (select s.id from credits.seals s where s.user_id = b.user_id order by s.id desc limit 1) as seal_id
        from credits.balances b
        where b.last_transaction_id is not null
        union all
        select
            p.last_transaction_id, p.balance + p.reserved, p.total_funded, p.total_spent, p.version,
            (select s.id from credits.guild_seals s where s.organization_id = p.organization_id order by s.id desc limit 1)
        from credits.guild_pools p
        where p.last_transaction_id is not null
    ),
    superseded as (
        delete from credits.reconciled_accounts a
        using run
        where run.clean and not exists (select from standing s where s.last_transaction_id = a.transaction_id)
    ),
    verified as (
        insert into credits.reconciled_accounts as a (transaction_id, balance, total_in, total_out, version, seal_id)
        select s.last_transaction_id, s.balance, s.total_in, s.total_out, s.version, s.seal_id
        from standing s
        cross join run
        where run.clean
        -- An account that has not moved may have been sealed since.
        on conflict (transaction_id) do update set seal_id = excluded.seal_id where a.seal_id is distinct from excluded.seal_id
    )
    select c.*, v_scope from checked c order by c.check_name;
end
$$;

ALTER FUNCTION credits.reconcile(p_check_name text, p_scope text) OWNER TO credits_owner;

--
-- Name: FUNCTION reconcile(p_check_name text, p_scope text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.reconcile(p_check_name text, p_scope text) IS 'Runs every check of the books, or the one named p_check_name: one row each, with the number of discrepancies (0 when all is well), the time it took and up to five of them. p_scope is full for all there is, or new for what is newer than the last clean run; new becomes full where no full run is known to be clean. A run of all checks is kept in credits.reconciliations, and a clean one moves the place where the next begins.
Errors: UC001 invalid_request.
Idempotency: any number of runs; nothing but their record is written, and nothing at all for a single check, on a standby or in a read-only transaction.
Locks: runs wait for each other; nobody else waits for them.';

--
-- Name: record_dispute(text, uuid, text, bigint, text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.record_dispute(p_user_id text, p_purchase_id uuid, p_stripe_dispute_id text, p_amount_cents bigint, p_status text, p_currency text DEFAULT 'eur'::text) RETURNS TABLE(outcome text, clawed_back numeric, balance numeric)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_purchase credits.purchases;
    v_now timestamptz;
begin
    if p_status is null or p_status <> all (enum_range(null::credits.dispute_status)::text[]) then
        perform credits._refuse_invalid('status', 'must be open, won or lost');
    end if;
    if p_amount_cents is null then
        perform credits._refuse_invalid('amountCents', 'must be a number of cents');
    end if;
    select * into v_purchase from credits.purchases where user_id = p_user_id and id = p_purchase_id for no key update;
    if not found then
        return query select 'unknown_purchase', null::numeric, null::numeric;
        return;
    end if;
    if v_purchase.currency is distinct from p_currency then
        return query select 'currency_mismatch', null::numeric, null::numeric;
        return;
    end if;
    v_now := credits._now();
    insert into credits.purchase_disputes as d (user_id, purchase_id, stripe_dispute_id, amount_cents, status)
    values (
        p_user_id, p_purchase_id, p_stripe_dispute_id, greatest(0, least(p_amount_cents, v_purchase.price_euro_cents)),
        p_status::credits.dispute_status
    )
    -- A closed dispute stays closed, though the news of its opening may come later.
    on conflict (user_id, purchase_id, stripe_dispute_id) do update
        set status = excluded.status, updated_at = v_now
        where d.status = 'open';
    return query select a.outcome, a.clawed_back, a.balance from credits._apply_reversals(v_purchase) a;
end
$$;

ALTER FUNCTION credits.record_dispute(p_user_id text, p_purchase_id uuid, p_stripe_dispute_id text, p_amount_cents bigint, p_status text, p_currency text) OWNER TO credits_owner;

--
-- Name: FUNCTION record_dispute(p_user_id text, p_purchase_id uuid, p_stripe_dispute_id text, p_amount_cents bigint, p_status text, p_currency text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.record_dispute(p_user_id text, p_purchase_id uuid, p_stripe_dispute_id text, p_amount_cents bigint, p_status text, p_currency text) IS 'Notes a dispute about a payment: open and lost take the credits back in proportion, into debt where they are spent; won gives them back.
Outcomes: applied, unchanged, pending (the purchase is not completed yet; taken back when it is), currency_mismatch (nothing moves), unknown_purchase.
Errors: UC001 invalid_request, UC008 balance_too_large (won).
Idempotency: by nature; any order and any repetition of these calls ends in the same state.
Locks: the purchase, then the user''s balance.';

--
-- Name: record_refund(text, uuid, bigint, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.record_refund(p_user_id text, p_purchase_id uuid, p_refunded_cents bigint, p_currency text DEFAULT 'eur'::text) RETURNS TABLE(outcome text, clawed_back numeric, balance numeric)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_purchase credits.purchases;
    v_now timestamptz;
begin
    if p_refunded_cents is null then
        perform credits._refuse_invalid('refundedCents', 'must be a number of cents');
    end if;
    select * into v_purchase from credits.purchases where user_id = p_user_id and id = p_purchase_id for no key update;
    if not found then
        return query select 'unknown_purchase', null::numeric, null::numeric;
        return;
    end if;
    if v_purchase.currency is distinct from p_currency then
        return query select 'currency_mismatch', null::numeric, null::numeric;
        return;
    end if;
    v_now := credits._now();
    update credits.purchases
    set
        -- Cumulative on Stripe's side; the largest wins, so that events may come late and in any order.
        refunded_cents = greatest(refunded_cents, least(p_refunded_cents, price_euro_cents)),
        updated_at = v_now
    where user_id = p_user_id and id = p_purchase_id
    returning * into v_purchase;
    return query select a.outcome, a.clawed_back, a.balance from credits._apply_reversals(v_purchase) a;
end
$$;

ALTER FUNCTION credits.record_refund(p_user_id text, p_purchase_id uuid, p_refunded_cents bigint, p_currency text) OWNER TO credits_owner;

--
-- Name: FUNCTION record_refund(p_user_id text, p_purchase_id uuid, p_refunded_cents bigint, p_currency text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.record_refund(p_user_id text, p_purchase_id uuid, p_refunded_cents bigint, p_currency text) IS 'Notes how much of a payment Stripe has refunded in all, and takes the credits back in proportion, into debt where they are spent.
Outcomes: applied, unchanged, pending (the purchase is not completed yet; taken back when it is), currency_mismatch (nothing moves), unknown_purchase.
Errors: UC001 invalid_request.
Idempotency: by nature; any order and any repetition of these calls ends in the same state.
Locks: the purchase, then the user''s balance.';

--
-- Name: refund_credits(text, numeric, text, text, uuid, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text DEFAULT NULL::text, p_transaction_id uuid DEFAULT NULL::uuid, p_idempotency_key text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS credits.movement
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_guild_usage credits.guild_transactions;
    v_balance credits.balances;
    v_row credits.transactions;
    v_usage credits.transactions;
    v_refunded numeric;
begin
    perform credits._check_id('userId', p_user_id);
    if p_app_id is not null then
        perform credits._check_id('appId', p_app_id);
    end if;
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    if p_transaction_id is not null then
        v_guild_usage := credits._find_guild_usage(p_user_id, p_transaction_id);
        if v_guild_usage.id is not null then
            return credits._refund_guild_usage(
                v_guild_usage, p_amount, p_description, p_app_id, p_idempotency_key, p_metadata
            );
        end if;
    end if;

    perform credits._refuse_pseudonym(p_user_id);
    v_balance := credits._lock_balance(p_user_id, p_create => p_transaction_id is null);
    if p_idempotency_key is not null then
        v_row := credits._find_movement(v_balance, p_idempotency_key);
        if v_row.id is not null then
            if (v_row.type, v_row.amount, v_row.app_id, v_row.description, v_row.metadata, v_row.reference_id)
                is distinct from ('refund', p_amount, p_app_id, p_description, p_metadata, p_transaction_id::text)
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            return credits._refund_movement(v_row, true);
        end if;
    end if;

    if p_transaction_id is not null then
        select * into v_usage
        from credits.transactions
        where user_id = p_user_id and id = p_transaction_id and type = 'usage';
        if not found then
            perform credits._refuse_unknown_usage(p_transaction_id);
        end if;
    end if;
    perform credits._check_cap('refund', coalesce(v_usage.app_id, p_app_id, 'unknown'), p_amount);
    if p_transaction_id is not null then
        select coalesce(sum(t.amount), 0) into v_refunded
        from credits.transactions t
        where t.user_id = p_user_id and t.type = 'refund' and t.reference_id = p_transaction_id::text;
        if p_amount > -v_usage.amount - v_refunded then
            perform credits._refuse_over_refund(p_amount, -v_usage.amount - v_refunded);
        end if;
    end if;
    v_row := credits._post_transaction(
        v_balance, 'refund', p_amount, p_description, p_app_id, p_idempotency_key, p_metadata,
        p_reference_id => p_transaction_id::text, p_reversal => p_transaction_id is not null
    );
    if p_transaction_id is not null then
        perform credits._restore_dated(v_usage, v_refunded, p_amount, v_row.created_at);
    end if;
    return credits._refund_movement(v_row, false);
end
$$;

ALTER FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) IS 'Gives a user credits back. With p_transaction_id, a usage of that user''s: at most what is left of it to refund, in one or several parts, to the balance or the pool it came from (and to the member''s counted spending), as a reversal that lowers total_spent; dated credits it took are restored, and those that expired meanwhile expire again at once, by a row of their own: the figures returned are those after it. Of an erased person only the use of a pool can be refunded, to the pool, by their pseudonym. Without it: what comes in raises total_earned.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC009 transaction_not_found, UC016 cap_exceeded, UC010 amount_exceeds_refundable, UC008 balance_too_large.
Idempotency: p_idempotency_key within the account that is credited (the user''s, or the guild''s for a usage of its pool); a retry returns the first movement with replayed = true.
Locks: the pool, or the user''s balance.';

--
-- Name: register_consumer(text, text[], text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.register_consumer(p_consumer text, p_types text[], p_login text DEFAULT NULL::text) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select credits._register_consumer(p_consumer, p_types, coalesce(p_login, p_consumer))
$$;

ALTER FUNCTION credits.register_consumer(p_consumer text, p_types text[], p_login text) OWNER TO credits_owner;

--
-- Name: FUNCTION register_consumer(p_consumer text, p_types text[], p_login text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.register_consumer(p_consumer text, p_types text[], p_login text) IS 'Registers who reads events: those of the given types (balance.changed, balance.low, gift.redeemed, purchase.completed, hold.expired) written by transactions that begin after this commits. p_login is the login role that reads, by default the one that has the consumer''s name; it must be a member of credits_service or credits_api. Returns the position it begins after. For a DBA.
A consumer that is there gets the new types and login and keeps its position; one that was lost begins anew, after what is there by now. The name of a webhook is refused: drop that first.
Errors: UC001 invalid_request.
Idempotency: by nature.
Locks: the order of events, for the rest of the transaction; then the consumer.';

--
-- Name: register_webhook(text, text, text[]); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.register_webhook(p_consumer text, p_url text, p_types text[]) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    v_secret text;
begin
    if p_url ~ '^https?://[^\s/?#@]+([/?#]\S*)?$' is not true then
        perform credits._refuse_invalid('url', 'must be an http or https URL without a user name');
    end if;
    perform credits._register_consumer(p_consumer, p_types, null);
    insert into credits.webhooks as w (consumer, url)
    values (p_consumer, p_url)
    on conflict (consumer) do update set url = excluded.url, failures = 0, last_failure = null, due_at = credits._now();
    insert into credits.webhook_secrets (consumer, secret)
    values (
        p_consumer, 'whsec_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64')
    )
    on conflict (consumer) do nothing
    returning secret into v_secret;
    return v_secret;
end
$_$;

ALTER FUNCTION credits.register_webhook(p_consumer text, p_url text, p_types text[]) OWNER TO credits_owner;

--
-- Name: FUNCTION register_webhook(p_consumer text, p_url text, p_types text[]); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.register_webhook(p_consumer text, p_url text, p_types text[]) IS 'Has the API post a consumer''s events to a URL, signed; see credits.register_consumer for the types and for a consumer that is there already. Returns the secret that signatures are made with, once: null for a webhook that has one. For a new secret drop the consumer and register it again. The name of a consumer that a login reads is refused: drop that first. For a DBA: the API sends requests to whatever address is named here.
Errors: UC001 invalid_request.
Idempotency: by nature, but for the secret.
Locks: the order of events; then the consumer and its webhook.';

--
-- Name: release_reservation(uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.release_reservation(p_reservation_id uuid) RETURNS TABLE(released numeric, balance numeric, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_balance numeric;
    v_now timestamptz;
begin
    v_held := credits._lock_reservation(p_reservation_id);
    if v_held.status = 'committed' then
        perform credits._refuse_ended(v_held);
    end if;
    -- Also of a hold past its time the first answer is kept.
    if v_held.balance_after_end is not null then
        return query select v_held.amount, v_held.balance_after_end, true;
        return;
    end if;
    perform credits._check_cap('release', v_held.app_id, 0);
    if v_held.status = 'held' then
        v_now := credits._now();
        update credits.reservations
        set status = 'released', ended_at = v_now
        where account_id = v_held.account_id and id = v_held.id
        returning * into v_held;
        if v_held.organization_id is null then
            perform credits._give_back_dated(
                v_held.account_id, v_held.id, v_held.amount, 0, v_held.amount, v_held.ended_at
            );
            perform credits._expire_dated(v_held.account_id);
        end if;
    end if;
    if v_held.organization_id is null then
        select b.balance into v_balance from credits.balances b where b.user_id = v_held.account_id;
    else
        select p.balance into v_balance from credits.guild_pools p where p.organization_id = v_held.account_id;
    end if;
    update credits.reservations
    set balance_after_end = v_balance
    where account_id = v_held.account_id and id = v_held.id;
    return query select v_held.amount, v_balance, false;
end
$$;

ALTER FUNCTION credits.release_reservation(p_reservation_id uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION release_reservation(p_reservation_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.release_reservation(p_reservation_id uuid) IS 'Frees what was set aside. A hold past its time is free already; releasing it succeeds and changes nothing.
Errors: UC011 reservation_not_found, UC013 reservation_already_committed, UC016 cap_exceeded.
Idempotency: by the reservation; a retry returns the first result with replayed = true.
Locks: the pool or the user''s balance, then the reservation.';

--
-- Name: release_webhook(text, uuid, text, double precision); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.release_webhook(p_consumer text, p_claim uuid, p_failure text DEFAULT NULL::text, p_pause_seconds double precision DEFAULT 0) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update credits.webhooks
    set
        claim = null,
        failures = case when p_failure is null then 0 else failures + 1 end,
        last_failure = left(p_failure, 200),
        due_at = credits._now() + make_interval(secs => p_pause_seconds)
    where consumer = p_consumer and claim = p_claim;
    return found;
end
$$;

ALTER FUNCTION credits.release_webhook(p_consumer text, p_claim uuid, p_failure text, p_pause_seconds double precision) OWNER TO credits_owner;

--
-- Name: FUNCTION release_webhook(p_consumer text, p_claim uuid, p_failure text, p_pause_seconds double precision); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.release_webhook(p_consumer text, p_claim uuid, p_failure text, p_pause_seconds double precision) IS 'Gives a claimed webhook back: after success, or with what failed and for how long to pause. False if the claim has run out and somebody else has it.
Errors: none.
Idempotency: by the claim.
Locks: the webhook.';

--
-- Name: reserve_credits(text, numeric, text, integer, text, text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer DEFAULT 900, p_guild_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text, p_app_id text DEFAULT 'unknown'::text) RETURNS TABLE(reservation_id uuid, balance numeric, expires_at timestamp with time zone, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
    if p_reason is null or char_length(p_reason) > 1000 then
        perform credits._refuse_invalid('reason', 'must be a text of at most 1000 characters');
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

ALTER FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text) IS 'Sets credits of a user, or of a guild''s pool, aside for p_expires_in_seconds (15 minutes by default, 7 days at most). They leave the available balance at once and count towards the member''s limits; credits that expire soonest are set aside first. After that time they are free again by themselves.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits, UC003 spending_limit_exceeded.
Idempotency: p_idempotency_key within the account whose credits are held; a retry returns the first answer with replayed = true, whatever has become of the hold.
Locks: the pool or the user''s balance.';

--
-- Name: save_stripe_customer(text, text, text, text, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text DEFAULT NULL::text, p_replaces text DEFAULT NULL::text, p_purchase_id uuid DEFAULT NULL::uuid) RETURNS TABLE(stripe_customer_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_now constant timestamptz := credits._now();
begin
    perform credits._check_id('userId', p_user_id);
    if p_purchase_id is not null then
        -- An erasure comes before or after as a whole: it locks the purchase too.
        perform from credits.purchases p where p.user_id = p_user_id and p.id = p_purchase_id for share;
        if not found then
            insert into credits.stripe_customer_deletions (stripe_customer_id) values (p_stripe_customer_id)
            on conflict do nothing;
            return query select p_stripe_customer_id;
            return;
        end if;
    end if;
    insert into credits.stripe_customers as c (user_id, stripe_customer_id, email)
    values (p_user_id, p_stripe_customer_id, p_email)
    on conflict (user_id) do update
        set stripe_customer_id = excluded.stripe_customer_id, email = excluded.email, updated_at = greatest(c.updated_at, v_now)
        where c.stripe_customer_id = p_replaces;
    return query select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id;
end
$$;

ALTER FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text, p_purchase_id uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text, p_purchase_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text, p_purchase_id uuid) IS 'Remembers the Stripe customer of a user and returns the one that counts: the first that was saved, or that took the place of p_replaces, which Stripe no longer knows. p_purchase_id is the purchase that it was made for: if the user has been erased since, nothing is remembered, and the customer is to be deleted at Stripe.
Errors: UC001 invalid_request.
Idempotency: by nature; of two at once one is kept, and both callers get it.
Locks: the purchase, the new mapping.';

--
-- Name: seal(text, integer); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.seal(p_after text DEFAULT NULL::text, p_limit integer DEFAULT 1000, OUT rows_sealed bigint, OUT next_after text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_account record;
    v_seal record;
    v_chain record;
    v_accounts integer := 0;
begin
    if p_limit is null or p_limit < 1 then
        perform credits._refuse_invalid('limit', 'must be at least 1');
    end if;
    rows_sealed := 0;
    next_after := coalesce(p_after, '');
    for v_account in
        select
            b.user_id,
            b.last_transaction_id is distinct from (
                select s.id from credits.seals s where s.user_id = b.user_id order by s.id desc limit 1
            ) as has_moved
        from credits.balances b
        where b.user_id > coalesce(p_after, '')
        order by b.user_id
        limit p_limit
    loop
        if v_account.has_moved then
            -- As a foreign key would: an erasure must not rename the account meanwhile. A debit does not mind.
            perform from credits.balances b where b.user_id = v_account.user_id for key share;
            if found then
                select s.id, s.hash into v_seal from credits.seals s where s.user_id = v_account.user_id order by s.id desc limit 1;
                v_chain := credits.hash_transactions(v_account.user_id, v_seal.id, null, v_seal.hash, p_limit - rows_sealed);
                insert into credits.seals (user_id, id, sequence, hash, created_at)
                select v_account.user_id, v_chain.id, v_chain.sequence, v_chain.hash, credits._now()
                where v_chain.rows > 0
                on conflict do nothing;
                rows_sealed := rows_sealed + v_chain.rows;
            end if;
            if rows_sealed >= p_limit then
                return;
            end if;
        end if;
        next_after := v_account.user_id;
        v_accounts := v_accounts + 1;
    end loop;
    if v_accounts < p_limit then
        next_after := null;
    end if;
end
$$;

ALTER FUNCTION credits.seal(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text) OWNER TO credits_owner;

--
-- Name: FUNCTION seal(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.seal(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text) IS 'Seals what personal ledgers have gained since their last seal: looks at the p_limit accounts after p_after, in the order of their ids, and seals up to p_limit rows. Returns how many rows it sealed and where to go on; call again with that until it is null.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once write the same seals.
Locks: an erasure of an account that it seals, and it, wait for each other; debits neither wait for it nor it for them.';

--
-- Name: seal_pools(text, integer); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.seal_pools(p_after text DEFAULT NULL::text, p_limit integer DEFAULT 1000, OUT rows_sealed bigint, OUT next_after text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_pool record;
    v_seal record;
    v_chain record;
    v_pools integer := 0;
begin
    if p_limit is null or p_limit < 1 then
        perform credits._refuse_invalid('limit', 'must be at least 1');
    end if;
    rows_sealed := 0;
    next_after := coalesce(p_after, '');
    for v_pool in
        select
            p.organization_id,
            p.last_transaction_id is distinct from (
                select s.id from credits.guild_seals s where s.organization_id = p.organization_id order by s.id desc limit 1
            ) as has_moved
        from credits.guild_pools p
        where p.organization_id > coalesce(p_after, '')
        order by p.organization_id
        limit p_limit
    loop
        if v_pool.has_moved then
            select s.id, s.hash into v_seal from credits.guild_seals s where s.organization_id = v_pool.organization_id order by s.id desc limit 1;
            v_chain := credits.hash_guild_transactions(v_pool.organization_id, v_seal.id, null, v_seal.hash, p_limit - rows_sealed);
            insert into credits.guild_seals (organization_id, id, sequence, hash, created_at)
            select v_pool.organization_id, v_chain.id, v_chain.sequence, v_chain.hash, credits._now()
            where v_chain.rows > 0
            on conflict do nothing;
            rows_sealed := rows_sealed + v_chain.rows;
            if rows_sealed >= p_limit then
                return;
            end if;
        end if;
        next_after := v_pool.organization_id;
        v_pools := v_pools + 1;
    end loop;
    if v_pools < p_limit then
        next_after := null;
    end if;
end
$$;

ALTER FUNCTION credits.seal_pools(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text) OWNER TO credits_owner;

--
-- Name: FUNCTION seal_pools(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.seal_pools(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text) IS 'Seals what ledgers of pools have gained since their last seal: looks at the p_limit pools after p_after, in the order of their ids, and seals up to p_limit rows. Returns how many rows it sealed and where to go on; call again with that until it is null.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once write the same seals.
Locks: none.';

--
-- Name: set_low_balance_alert(numeric, text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.set_low_balance_alert(p_threshold numeric DEFAULT NULL::numeric, p_user_id text DEFAULT NULL::text, p_organization_id text DEFAULT NULL::text) RETURNS TABLE(low_balance_at numeric, is_low boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
    if (p_user_id is null) = (p_organization_id is null) then
        perform credits._refuse_invalid('userId', 'must be given, or organizationId in its place');
    end if;
    if p_threshold is not null and p_threshold <> 0 and not credits._is_amount(p_threshold) then
        perform credits._refuse_invalid('lowBalanceAt', 'must be null, or from 0 to 999999999.999999 with at most 6 decimals');
    end if;
    if p_organization_id is null then
        perform credits._check_id('userId', p_user_id);
        perform credits._open_account(p_user_id);
        perform credits._check_cap('set_limits', null, 0);
        return query
            update credits.balances b
            set low_balance_at = p_threshold
            where b.user_id = p_user_id
            returning trim_scale(b.low_balance_at), coalesce(b.balance + b.reserved <= b.low_balance_at, false);
    else
        perform credits._check_id('organizationId', p_organization_id);
        perform credits._check_cap('set_limits', null, 0);
        return query
            update credits.guild_pools p
            set low_balance_at = p_threshold
            where p.organization_id = p_organization_id
            returning trim_scale(p.low_balance_at), coalesce(p.balance + p.reserved <= p.low_balance_at, false);
        if not found then
            perform credits._refuse_unknown_pool(p_organization_id);
        end if;
    end if;
end
$$;

ALTER FUNCTION credits.set_low_balance_alert(p_threshold numeric, p_user_id text, p_organization_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION set_low_balance_alert(p_threshold numeric, p_user_id text, p_organization_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.set_low_balance_alert(p_threshold numeric, p_user_id text, p_organization_id text) IS 'Sets at what balance of a user, or of a guild''s pool, the event balance.low is written; null is never. What is held counts as owned until it is used. is_low says that the balance is that low already: there is no event then until it has risen above and falls again.
Errors: UC001 invalid_request, UC016 cap_exceeded (operation set_limits), UC005 guild_pool_not_found.
Idempotency: by nature.
Locks: the user''s balance, or the pool.';

--
-- Name: set_spending_limits(text, text, numeric, numeric, boolean, boolean); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric DEFAULT NULL::numeric, p_monthly_limit numeric DEFAULT NULL::numeric, p_set_daily boolean DEFAULT NULL::boolean, p_set_monthly boolean DEFAULT NULL::boolean) RETURNS TABLE(daily_limit numeric, monthly_limit numeric)
    LANGUAGE plpgsql SECURITY DEFINER
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

--
-- Name: FUNCTION set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) IS 'Sets how much a member may use of a pool in a day and a month; 0 blocks. A limit that is not given stays as it is; to remove one, give null and p_set_daily or p_set_monthly true.
With p_set_daily or p_set_monthly false that limit stays whatever is given.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature.
Locks: the member''s limits.';

--
-- Name: trim_events(integer, interval, bigint); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.trim_events(p_limit integer DEFAULT 10000, p_max_age interval DEFAULT '7 days'::interval, p_max_events bigint DEFAULT 5000000) RETURNS TABLE(deleted integer, lost text[])
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_last bigint;
    v_now constant timestamptz := credits._now();
begin
    select l.last_position into v_last from credits.event_log l;
    with late as (
        update credits.event_consumers c
        set lost_at = v_now
        where c.lost_at is null
            and (
                v_last - c.position > p_max_events
                -- The first event after its position waits longest.
                or (
                    select e.created_at from credits.events e where e.position > c.position order by e.position limit 1
                ) < v_now - p_max_age
            )
        returning c.consumer
    )
    select array_agg(l.consumer order by l.consumer) into lost from late l;
    if lost is not null then
        raise warning 'consumers of events are lost, since they left events for too long: %', lost;
    end if;
    delete from credits.events
    where position in (
        select e.position
        from credits.events e
        where e.position <= coalesce((select min(c.position) from credits.event_consumers c where c.lost_at is null), v_last)
        order by e.position
        limit p_limit
    );
    get diagnostics deleted = row_count;
    -- Whoever registers at this moment has the lock until that is committed, and is seen then.
    perform from credits.event_log l for update skip locked;
    if found then
        perform credits._set_balance_events();
    end if;
    return next;
end
$$;

ALTER FUNCTION credits.trim_events(p_limit integer, p_max_age interval, p_max_events bigint) OWNER TO credits_owner;

--
-- Name: FUNCTION trim_events(p_limit integer, p_max_age interval, p_max_events bigint); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.trim_events(p_limit integer, p_max_age interval, p_max_events bigint) IS 'Deletes up to p_limit events that every consumer has passed; call again until it deletes none. A consumer that has left an event alone for p_max_age, or is more than p_max_events behind, is lost from then on: nothing is kept for it, credits.read_events refuses it (UC020), the log has a warning, and lost names it. The API does so every minute.
Errors: none.
Idempotency: by nature.
Locks: consumers that become lost; the events it deletes; the order of events, if nobody else has it.';

--
-- Name: use_credits(text, numeric, text, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) IS 'Debits a user''s personal balance for something used in an app.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits.
Idempotency: p_idempotency_key within the user''s account; a retry returns the first movement with replayed = true.
Locks: the user''s balance.';

--
-- Name: use_credits_batch(text[], numeric[], text[], text[], text[], jsonb[], text[]); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[] DEFAULT NULL::text[], p_metadata jsonb[] DEFAULT NULL::jsonb[], p_request_ids text[] DEFAULT NULL::text[]) RETURNS SETOF credits.use_outcome
    LANGUAGE plpgsql SECURITY DEFINER
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

--
-- Name: FUNCTION use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) IS 'Many debits of personal balances in one call, each as credits.use_credits would do it: one row for each item, in their order, with its movement or its refusal (SQLSTATE, message, DETAIL, HINT); what it does not have is null. One item refused leaves the others alone. An account''s simple items are decided before those that need a closer look, such as retries.
Errors: UC001 invalid_request when the arrays differ in length or have more than 1000 items; what is wrong with an item is in its row.
p_request_ids: what the rows are to have as request_id, where it is not credits.request_id for all.
Idempotency: as credits.use_credits, item by item.
Locks: the users'' balances, in the order of their ids.';

--
-- Name: use_guild_credits(text, text, numeric, text, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

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

--
-- Name: FUNCTION use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) IS 'Debits a guild''s pool for something a member used in an app, within the member''s daily and monthly limits.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits, UC003 spending_limit_exceeded (daily before monthly).
Idempotency: p_idempotency_key within the guild''s account, the member being one of the parameters; a retry returns the first movement with replayed = true.
Locks: the pool.';

--
-- Name: use_guild_credits_batch(text[], text[], numeric[], text[], text[], text[], jsonb[], text[]); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.use_guild_credits_batch(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[] DEFAULT NULL::text[], p_metadata jsonb[] DEFAULT NULL::jsonb[], p_request_ids text[] DEFAULT NULL::text[]) RETURNS SETOF credits.guild_use_outcome
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
    v_locked text[];
    v_organization_ids text[] := p_organization_ids;
    v_outcome credits.guild_use_outcome;
    v_item integer;
    v_request_id text := coalesce(current_setting('credits.request_id', true), '');
    v_refusal text;
    v_message text;
    v_detail text;
    v_hint text;
begin
    perform credits._check_batch(cardinality(p_organization_ids), array[
        credits._shape(p_organization_ids), credits._shape(p_user_ids), credits._shape(p_amounts), credits._shape(p_app_ids),
        credits._shape(p_descriptions), credits._shape(coalesce(p_idempotency_keys, p_user_ids)),
        credits._shape(coalesce(p_request_ids, p_organization_ids)),
        case when p_metadata is null then credits._shape(p_user_ids) else credits._shape(p_metadata) end
    ]);
    v_locked := array(
        select l.organization_id
        from (
            select p.organization_id
            from credits.guild_pools p
            where p.organization_id = any (p_organization_ids)
            order by p.organization_id
            for no key update
        ) l
    );
    if cardinality(v_locked) < (
        select count(*)
        from (
            select from unnest(p_organization_ids) as i (organization_id) where i.organization_id is not null group by i.organization_id
        ) d
    ) then
        -- One that is opened while another is waited for would be there for the next statement, but not locked.
        v_organization_ids := array(
            select case when i.organization_id = any (v_locked) then i.organization_id end
            from unnest(p_organization_ids) with ordinality as i (organization_id, item)
            order by i.item
        );
    end if;
    for v_outcome in
        select *
        from credits._use_guild_together(
            v_organization_ids, p_user_ids, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata, p_request_ids
        )
    loop
        if v_outcome.id is null then
            -- A retry, too few credits, something malformed, held or dated: decided like a single call.
            v_item := v_outcome.item;
            perform set_config('credits.request_id', coalesce(p_request_ids[v_item], v_request_id), true);
            begin
                select v_item, null, null, null, null, m.*
                into v_outcome
                from credits.use_guild_credits(
                    p_organization_ids[v_item], p_user_ids[v_item], p_amounts[v_item], p_app_ids[v_item], p_descriptions[v_item],
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

ALTER FUNCTION credits.use_guild_credits_batch(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) OWNER TO credits_owner;

--
-- Name: FUNCTION use_guild_credits_batch(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.use_guild_credits_batch(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) IS 'Many debits of guild pools in one call, each as credits.use_guild_credits would do it: one row for each item, in their order, with its movement or its refusal (SQLSTATE, message, DETAIL, HINT); what it does not have is null. One item refused leaves the others alone. A pool''s simple items are decided before those that need a closer look, such as retries.
Errors: UC001 invalid_request when the arrays differ in length or have more than 1000 items; what is wrong with an item is in its row.
p_request_ids: what the rows are to have as request_id, where it is not credits.request_id for all.
Idempotency: as credits.use_guild_credits, item by item.
Locks: the pools, in the order of their ids.';

--
-- Name: _answer_is_right(text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._answer_is_right(p_answer text, p_hash text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    select gifts._riddle_hash(p_answer, split_part(p_hash, ':', 1)) = p_hash
$$;

ALTER FUNCTION gifts._answer_is_right(p_answer text, p_hash text) OWNER TO credits_owner;

--
-- Name: FUNCTION _answer_is_right(p_answer text, p_hash text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._answer_is_right(p_answer text, p_hash text) IS 'Whether p_answer is the answer that was kept as p_hash';

--
-- Name: gift_codes; Type: TABLE; Schema: gifts; Owner: credits_owner
--

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
    CONSTRAINT gift_codes_text_length CHECK (((char_length(message) <= 500) AND (char_length(riddle_question) <= 200) AND (char_length(creator_name) <= 200))),
    CONSTRAINT gift_codes_type_has_its_parts CHECK ((((type <> 'riddle'::gifts.gift_type) OR (riddle_question IS NOT NULL)) AND ((type <> 'personalized'::gifts.gift_type) OR (target_email IS NOT NULL) OR (target_matrix_id IS NOT NULL)) AND ((type <> ALL (ARRAY['simple'::gifts.gift_type, 'personalized'::gifts.gift_type])) OR (total_portions = 1))))
);

ALTER TABLE gifts.gift_codes OWNER TO credits_owner;

--
-- Name: TABLE gift_codes; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TABLE gifts.gift_codes IS 'Gift codes and what is left of them. claimed_portions is written only by the trigger that folds redemptions into it';

--
-- Name: COLUMN gift_codes.total_credits; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON COLUMN gifts.gift_codes.total_credits IS 'What the creator was charged: credits_per_portion * total_portions';

--
-- Name: COLUMN gift_codes.refunded_credits; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON COLUMN gifts.gift_codes.refunded_credits IS 'What went back to the creator when the gift was cancelled or expired';

--
-- Name: COLUMN gift_codes.riddle_answer_hash; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON COLUMN gifts.gift_codes.riddle_answer_hash IS 'Salted and stretched; the answer itself is kept nowhere';

--
-- Name: COLUMN gift_codes.reservation_transaction_id; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON COLUMN gifts.gift_codes.reservation_transaction_id IS 'The creator''s ledger row that charged it';

--
-- Name: COLUMN gift_codes.refund_transaction_id; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON COLUMN gifts.gift_codes.refund_transaction_id IS 'The creator''s ledger row that paid the unclaimed credits back';

--
-- Name: COLUMN gift_codes.request_digest; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON COLUMN gifts.gift_codes.request_digest IS 'Digest of what the creator asked for, to tell a retry from another request under the same key';

--
-- Name: _check_attempts(gifts.gift_codes, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_attempts(p_gift gifts.gift_codes, p_user_id text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._check_attempts(p_gift gifts.gift_codes, p_user_id text) IS 'Raises UG008 after 5 failed attempts of a user at a gift with a riddle (20 at any other), or 50 wrong answers of all users together, within 15 minutes';

--
-- Name: _check_character(text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_character(p_text text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._check_character(p_text text) IS 'The last character of a gift code, made from the others: any one wrong character and nearly every swap of two is noticed. Null when p_text has a character that no code has';

--
-- Name: _check_gift(); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_gift(); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._check_gift() IS 'Trigger: refuses a gift whose charge or refund is not in its creator''s ledger (UC017)';

--
-- Name: _check_redeemer(); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _check_redeemer(); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._check_redeemer() IS 'Trigger: refuses to give a redemption a pseudonym without the ledger row that credited it (UC017)';

--
-- Name: _check_request(gifts.gift_type, numeric, integer, text, text, text, text, text, timestamp with time zone, integer, text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text) RETURNS void
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
        if p_target_matrix_id !~ '\S' then
            perform credits._refuse_invalid('targetMatrixId', 'must not be blank');
        end if;
    end if;
    if p_type = 'personalized' and p_target_email is null and p_target_matrix_id is null then
        perform credits._refuse_invalid('targetEmail', 'must be given for a personalized gift, unless targetMatrixId is');
    end if;
    if p_riddle_question is null and (p_type = 'riddle' or p_riddle_answer is not null)
        or p_riddle_question !~ '\S' or char_length(p_riddle_question) > 200
    then
        perform credits._refuse_invalid('riddleQuestion', 'must be given with its answer, 1 to 200 characters');
    end if;
    if p_riddle_question is not null and (p_riddle_answer ~ '\S') is not true
        or char_length(p_riddle_answer) > 200
    then
        perform credits._refuse_invalid('riddleAnswer', 'must be given with its question, 1 to 200 characters');
    end if;
    if char_length(p_message) > 500 then
        perform credits._refuse_invalid('message', 'must be at most 500 characters');
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
    if char_length(p_idempotency_key) not between 1 and 255 then
        perform credits._refuse_invalid('idempotencyKey', 'must be 1 to 255 characters');
    end if;
end
$$;

ALTER FUNCTION gifts._check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text) OWNER TO credits_owner;

--
-- Name: FUNCTION _check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text) IS 'Raises UC001 for the first part of a request for a gift that cannot be';

--
-- Name: _claim_portion(gifts.gift_codes, credits.balances, text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _claim_portion(p_gift gifts.gift_codes, p_balance credits.balances, p_source_app_id text, p_idempotency_key text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._claim_portion(p_gift gifts.gift_codes, p_balance credits.balances, p_source_app_id text, p_idempotency_key text) IS 'Gives the next portion of a gift to the owner of a balance; the caller has locked both, gift first, and checked that it may';

--
-- Name: _fold_redemption(); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _fold_redemption(); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._fold_redemption() IS 'Trigger: counts a successful redemption in its gift, and refuses one that was not credited or takes what is not there (UC017)';

--
-- Name: _gift_type(text, integer, text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _gift_type(p_type text, p_portions integer, p_target text, p_riddle_question text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._gift_type(p_type text, p_portions integer, p_target text, p_riddle_question text) IS 'The type of a gift: the one asked for, else the one that its parts make. Raises UC001 for an unknown one';

--
-- Name: _is_for(gifts.gift_codes, text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    select (p_gift.target_email is null and p_gift.target_matrix_id is null)
        or coalesce(lower(p_gift.target_email) = lower(p_email), false)
        or coalesce(p_gift.target_matrix_id = p_matrix_id, false)
$$;

ALTER FUNCTION gifts._is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION _is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text) IS 'Whether a gift is for the holder of this e-mail address (in any case) or Matrix id; one without a target is for everybody';

--
-- Name: _moved(text, uuid, uuid); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
    select t.amount
    from credits.transactions t
    where t.user_id = p_user_id and t.id = p_transaction_id and t.type = 'gift' and t.reference_id = p_gift_id::text
$$;

ALTER FUNCTION gifts._moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION _moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid) IS 'What a ledger row moved for a gift; null when that row does not exist or is not the gift''s';

--
-- Name: _new_code(); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _new_code(); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._new_code() IS 'A code for a gift: 9 random characters that people can tell apart, and a check character';

--
-- Name: _normalize_code(text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._normalize_code(p_code text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
declare
    -- Spaces, hyphens and dashes of every kind, also those that cannot be seen, and the full stop of a sentence.
    v_code text := upper(regexp_replace(
        left(p_code, 100), '[\s.\u00a0\u00ad\u2007\u200b-\u200f\u2010-\u2015\u202f\u2060\u2212\u3000\ufeff-]', '', 'g'
    ));
begin
    if v_code ~ '^[A-Z0-9]{10}$' and gifts._check_character(left(v_code, 9)) = right(v_code, 1) then
        return v_code;
    end if;
    return null;
end
$_$;

ALTER FUNCTION gifts._normalize_code(p_code text) OWNER TO credits_owner;

--
-- Name: FUNCTION _normalize_code(p_code text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._normalize_code(p_code text) IS 'A code as people type it (lower case, spaces, hyphens and the like) in the form it is kept; null for what cannot be a code, so that it is not even looked up';

--
-- Name: _protect_terms(); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _protect_terms(); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._protect_terms() IS 'Trigger: refuses to change what a gift costs and how it is shared out, and to reopen one that has ended (UC017)';

--
-- Name: _public_gift(text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._public_gift(p_code text) RETURNS TABLE(code text, type gifts.gift_type, status gifts.gift_status, total_credits numeric, credits_per_portion numeric, total_portions integer, claimed_portions integer, remaining_portions integer, redeemed boolean, has_riddle boolean, riddle_question text, is_personalized boolean, message text, creator_name text, expires_at timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
    select
        g.code, g.type, gifts._status_now(g.status, g.expires_at), g.total_credits, g.credits_per_portion,
        g.total_portions, g.claimed_portions, g.total_portions - g.claimed_portions, g.status = 'depleted',
        g.riddle_question is not null, g.riddle_question,
        g.target_email is not null or g.target_matrix_id is not null, g.message, g.creator_name, g.expires_at
    from gifts.gift_codes g
    where g.code = gifts._normalize_code(p_code)
$$;

ALTER FUNCTION gifts._public_gift(p_code text) OWNER TO credits_owner;

--
-- Name: FUNCTION _public_gift(p_code text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._public_gift(p_code text) IS 'What anybody who has the code may know of a gift: no address, no answer, nobody''s id';

--
-- Name: _refusal(gifts.gift_codes, text, text, text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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
        if (p_riddle_answer ~ '\S') is not true then
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

--
-- Name: FUNCTION _refusal(p_gift gifts.gift_codes, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._refusal(p_gift gifts.gift_codes, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text) IS 'Why this person may not have a portion now, as the status to be recorded; null when nothing stands against it. Raises what is not recorded: UG002 for a cancelled gift, UG005 for a missing answer';

--
-- Name: _refuse_inactive(gifts.gift_status); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_inactive(p_status gifts.gift_status); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._refuse_inactive(p_status gifts.gift_status) IS 'Raises UG002 gift_not_active';

--
-- Name: _refuse_too_many_attempts(timestamp with time zone); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._refuse_too_many_attempts(p_until timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    raise exception using
        errcode = 'UG008',
        message = 'Too many failed attempts',
        detail = json_build_object(
            'retryAfterSeconds', greatest(1, ceil(extract(epoch from p_until - credits._now())))::integer
        )::text,
        hint = 'Wait as long as retryAfterSeconds says';
end
$$;

ALTER FUNCTION gifts._refuse_too_many_attempts(p_until timestamp with time zone) OWNER TO credits_owner;

--
-- Name: FUNCTION _refuse_too_many_attempts(p_until timestamp with time zone); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._refuse_too_many_attempts(p_until timestamp with time zone) IS 'Raises UG008 too_many_attempts';

--
-- Name: _refuse_unknown(); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _refuse_unknown(); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._refuse_unknown() IS 'Raises UG001 gift_not_found';

--
-- Name: _return_unclaimed(gifts.gift_codes, gifts.gift_status); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: FUNCTION _return_unclaimed(p_gift gifts.gift_codes, p_status gifts.gift_status); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._return_unclaimed(p_gift gifts.gift_codes, p_status gifts.gift_status) IS 'Gives the unclaimed credits of an active gift, which the caller has locked, back to its creator: a reversal, which lowers total_spent. Locks the creator''s balance';

--
-- Name: _riddle_hash(text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._riddle_hash(p_answer text, p_salt text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $$
declare
    v_hash bytea := sha256(convert_to(
        p_salt || ':' || lower(btrim(regexp_replace(normalize(p_answer, nfkc), '\s+', ' ', 'g'))), 'UTF8'
    ));
begin
    for v_round in 1..1000 loop
        v_hash := sha256(v_hash);
    end loop;
    return p_salt || ':' || encode(v_hash, 'hex');
end
$$;

ALTER FUNCTION gifts._riddle_hash(p_answer text, p_salt text) OWNER TO credits_owner;

--
-- Name: FUNCTION _riddle_hash(p_answer text, p_salt text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._riddle_hash(p_answer text, p_salt text) IS 'A riddle''s answer as it is kept: salted and stretched. Case, spaces and the way letters are composed do not count';

--
-- Name: _status_now(gifts.gift_status, timestamp with time zone); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._status_now(p_status gifts.gift_status, p_expires_at timestamp with time zone) RETURNS gifts.gift_status
    LANGUAGE sql STABLE
    AS $$
    select case when p_status = 'active' and p_expires_at <= credits._now() then 'expired' else p_status end
$$;

ALTER FUNCTION gifts._status_now(p_status gifts.gift_status, p_expires_at timestamp with time zone) OWNER TO credits_owner;

--
-- Name: FUNCTION _status_now(p_status gifts.gift_status, p_expires_at timestamp with time zone); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts._status_now(p_status gifts.gift_status, p_expires_at timestamp with time zone) IS 'The status people see: a gift past its time is expired, even before it has been paid back';

--
-- Name: cancel_gift(uuid, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) RETURNS TABLE(gift_id uuid, refunded_credits numeric, balance numeric, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
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

--
-- Name: FUNCTION cancel_gift(p_gift_id uuid, p_creator_id text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) IS 'Takes an active gift back: its unclaimed credits return to its creator.
Errors: UG001 gift_not_found (also for somebody else''s gift), UG002 gift_not_active (used up, or paid back already), UC016 cap_exceeded, UC008 balance_too_large (the creator''s).
Idempotency: by nature; cancelling again returns the first result with replayed = true.
Locks: the gift, then the creator''s balance.';

--
-- Name: create_gift(text, numeric, text, integer, text, text, text, text, text, timestamp with time zone, integer, text, text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text DEFAULT NULL::text, p_total_portions integer DEFAULT NULL::integer, p_target_email text DEFAULT NULL::text, p_target_matrix_id text DEFAULT NULL::text, p_riddle_question text DEFAULT NULL::text, p_riddle_answer text DEFAULT NULL::text, p_message text DEFAULT NULL::text, p_expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_expiration_days integer DEFAULT NULL::integer, p_creator_name text DEFAULT NULL::text, p_source_app_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text) RETURNS TABLE(id uuid, code text, short_url text, type gifts.gift_type, status gifts.gift_status, total_credits numeric, credits_per_portion numeric, total_portions integer, claimed_portions integer, remaining_portions integer, target_email text, target_matrix_id text, riddle_question text, message text, expires_at timestamp with time zone, created_at timestamp with time zone, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
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
        p_message, p_expires_at, p_expiration_days, p_source_app_id, p_idempotency_key
    );
    v_digest := sha256(convert_to(jsonb_build_array(
        trim_scale(p_total_credits), v_type, v_portions, lower(p_target_email), p_target_matrix_id, p_riddle_question,
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
                target_matrix_id, riddle_question, riddle_answer_hash, message, expires_at, source_app_id,
                reservation_transaction_id, request_digest, created_at, updated_at
            )
            values (
                gifts._new_code(), v_gift.id, p_creator_id, left(nullif(btrim(p_creator_name), ''), 200),
                v_gift.total_credits, v_gift.credits_per_portion, v_portions, v_type, p_target_email, p_target_matrix_id,
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

--
-- Name: FUNCTION create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text) IS 'Charges the creator exactly what can be claimed (portions rounded down to whole credits) and makes a code for it. Without p_type it follows from the rest:
personalized with a target, riddle with a question, split with several portions, else simple. Target and riddle hold for every type.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC001 invalid_request (expiresAt in the past), UC016 cap_exceeded, UC002 insufficient_credits.
Idempotency: p_idempotency_key within the creator''s account; a retry returns the first answer with replayed = true.
Locks: the creator''s balance.';

--
-- Name: expire_gifts(integer); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.expire_gifts(p_limit integer DEFAULT 100) RETURNS TABLE(gifts_expired integer, credits_refunded numeric)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_due gifts.gift_codes[];
    v_gift gifts.gift_codes;
    v_row credits.transactions;
    v_count integer := 0;
    v_credits numeric := 0;
begin
    -- All gifts first, then the balances in order: the one order in which every function takes locks.
    select array_agg(due order by due.creator_id, due.id) into v_due
    from (
        select * from gifts.gift_codes
        where status = 'active' and expires_at <= credits._now()
        order by expires_at
        limit greatest(p_limit, 0)
        for no key update skip locked
    ) due;
    foreach v_gift in array coalesce(v_due, '{}') loop
        begin
            v_row := gifts._return_unclaimed(v_gift, 'refunded');
            v_count := v_count + 1;
            v_credits := v_credits + v_row.amount;
        exception when sqlstate 'UC008' then
            -- Their creator's balance is full: paid back when there is room, and nobody else has to wait for it.
            continue;
        end;
    end loop;
    return query select v_count, v_credits;
end
$$;

ALTER FUNCTION gifts.expire_gifts(p_limit integer) OWNER TO credits_owner;

--
-- Name: FUNCTION expire_gifts(p_limit integer); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.expire_gifts(p_limit integer) IS 'Pays the unclaimed credits of up to p_limit gifts that ran out of time back to their creators, and says how many; call again while it returns p_limit.
Errors: none.
Idempotency: by nature; several callers at once share the work.
Locks: the gifts (those locked by others are left for the next call), then their creators'' balances in order.';

--
-- Name: get_gift(text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.get_gift(p_code text) RETURNS TABLE(code text, type gifts.gift_type, status gifts.gift_status, total_credits numeric, credits_per_portion numeric, total_portions integer, claimed_portions integer, remaining_portions integer, redeemed boolean, has_riddle boolean, riddle_question text, is_personalized boolean, message text, creator_name text, expires_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return query select * from gifts._public_gift(p_code);
    if not found then
        perform gifts._refuse_unknown();
    end if;
end
$$;

ALTER FUNCTION gifts.get_gift(p_code text) OWNER TO credits_owner;

--
-- Name: FUNCTION get_gift(p_code text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.get_gift(p_code text) IS 'What anybody who has the code may know of a gift: no address, no answer, nobody''s id.
Errors: UG001 gift_not_found.
Idempotency: reads only.
Locks: none.';

--
-- Name: get_public_gift(text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.get_public_gift(p_code text, p_address text) RETURNS TABLE(code text, type gifts.gift_type, status gifts.gift_status, total_credits numeric, credits_per_portion numeric, total_portions integer, claimed_portions integer, remaining_portions integer, redeemed boolean, has_riddle boolean, riddle_question text, is_personalized boolean, message text, creator_name text, expires_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_free_at timestamptz := credits._take_attempt('gift_look_up', p_address, 60, interval '1 minute');
begin
    if v_free_at is not null then
        perform gifts._refuse_too_many_attempts(v_free_at);
    end if;
    return query select * from gifts._public_gift(p_code);
end
$$;

ALTER FUNCTION gifts.get_public_gift(p_code text, p_address text) OWNER TO credits_owner;

--
-- Name: FUNCTION get_public_gift(p_code text, p_address text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.get_public_gift(p_code text, p_address text) IS 'What anybody who has the code may know of a gift, for a visitor at this address: 60 look-ups at once and as many anew in a minute. No row when there is no such gift: the attempt counts all the same, which a refusal would undo.
Errors: UG008 too_many_attempts.
Idempotency: each call counts.
Locks: the address''s attempts.';

--
-- Name: list_created_gifts(text, integer, bigint, uuid); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.list_created_gifts(p_user_id text, p_limit integer DEFAULT 50, p_offset bigint DEFAULT 0, p_cursor uuid DEFAULT NULL::uuid) RETURNS TABLE(id uuid, code text, short_url text, type gifts.gift_type, status gifts.gift_status, total_credits numeric, credits_per_portion numeric, total_portions integer, claimed_portions integer, redeemed boolean, message text, expires_at timestamp with time zone, created_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        g.id, g.code, g.short_url, g.type, gifts._status_now(g.status, g.expires_at), g.total_credits,
        g.credits_per_portion, g.total_portions, g.claimed_portions, g.status = 'depleted', g.message, g.expires_at,
        g.created_at
    from gifts.gift_codes g
    where g.creator_id = p_user_id and g.id < coalesce(p_cursor, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by g.id desc
    limit p_limit offset p_offset
$$;

ALTER FUNCTION gifts.list_created_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION list_created_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.list_created_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) IS 'The gifts a user has made, newest first, from p_cursor (the id of the last row of the page before) on.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: list_received_gifts(text, integer, bigint, uuid); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.list_received_gifts(p_user_id text, p_limit integer DEFAULT 50, p_offset bigint DEFAULT 0, p_cursor uuid DEFAULT NULL::uuid) RETURNS TABLE(id uuid, gift_code_id uuid, code text, credits numeric, credits_received numeric, portion_number integer, message text, creator_name text, redeemed_at timestamp with time zone, created_at timestamp with time zone, status gifts.redemption_status)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        r.id, r.gift_code_id, r.code, r.credits_received, r.credits_received, r.portion_number, g.message,
        g.creator_name, r.created_at, r.created_at, r.status
    from gifts.gift_redemptions r
    join gifts.gift_codes g on g.code = r.code
    where r.redeemer_user_id = p_user_id
        and r.status = 'success'
        and r.id < coalesce(p_cursor, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by r.id desc
    limit p_limit offset p_offset
$$;

ALTER FUNCTION gifts.list_received_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION list_received_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.list_received_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) IS 'The gifts a user has redeemed, newest first, from p_cursor (the id of the last row of the page before) on.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: redeem_gift(text, text, text, text, text, text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text DEFAULT NULL::text, p_matrix_id text DEFAULT NULL::text, p_riddle_answer text DEFAULT NULL::text, p_source_app_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text) RETURNS TABLE(status gifts.redemption_status, gift_status gifts.gift_status, gift_code_id uuid, code text, credits_received numeric, portion_number integer, transaction_id uuid, new_balance numeric, message text, creator_name text, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
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
    if char_length(p_idempotency_key) not between 1 and 255 then
        perform credits._refuse_invalid('idempotencyKey', 'must be 1 to 255 characters');
    end if;
    select * into v_gift from gifts.gift_codes g where g.code = gifts._normalize_code(p_code) for no key update;
    if not found then
        perform gifts._refuse_unknown();
    end if;

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

--
-- Name: FUNCTION redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) IS 'Gives a person the next portion of a gift. A failed attempt is recorded and returned as a row whose status is not success.
Errors: UC001 invalid_request, UG001 gift_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UG008 too_many_attempts, status failed_already_claimed, status failed_expired, UG002 gift_not_active (cancelled), status failed_depleted, status failed_wrong_user, UG005 riddle_answer_required, status failed_wrong_answer, UC008 balance_too_large.
Idempotency: p_idempotency_key within the redeemer''s account; a retry returns the first success with replayed = true; a failed attempt is tried anew.
Locks: the gift, then the redeemer''s balance.';

--
-- Name: redeem_pending_gifts(text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.redeem_pending_gifts(p_user_id text, p_email text) RETURNS TABLE(redeemed_count integer, total_credits numeric)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_pending gifts.gift_codes[];
    v_gift gifts.gift_codes;
    v_row credits.transactions;
    v_count integer := 0;
    v_credits numeric := 0;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._check_email('email', p_email);
    perform credits._check_cap('redeem', null, 0);
    -- All gifts first, then the balance: the one order in which every function takes locks.
    select array_agg(pending order by pending.code) into v_pending
    from (
        select * from gifts.gift_codes g
        where lower(g.target_email) = lower(p_email)
            and g.status = 'active'
            and g.expires_at > credits._now()
            and g.riddle_answer_hash is null
        order by g.code
        for no key update
    ) pending;
    foreach v_gift in array coalesce(v_pending, '{}') loop
        continue when gifts._refusal(v_gift, p_user_id, p_email, null, null) is not null;
        v_row := gifts._claim_portion(v_gift, credits._lock_balance(p_user_id, p_create => true), null, null);
        v_count := v_count + 1;
        v_credits := v_credits + v_row.amount;
    end loop;
    return query select v_count, v_credits;
end
$$;

ALTER FUNCTION gifts.redeem_pending_gifts(p_user_id text, p_email text) OWNER TO credits_owner;

--
-- Name: FUNCTION redeem_pending_gifts(p_user_id text, p_email text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.redeem_pending_gifts(p_user_id text, p_email text) IS 'Gives a person who has just registered all gifts that wait for their e-mail address, except those with a riddle, which they answer themselves.
Errors: UC001 invalid_request, UC016 cap_exceeded, UC008 balance_too_large.
Idempotency: by nature; each gift is given once.
Locks: the gifts in the order of their codes, then the user''s balance.';

--
-- Name: redeem_typed_code(text, text, text, text, text, text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts.redeem_typed_code(p_code text, p_user_id text, p_email text DEFAULT NULL::text, p_matrix_id text DEFAULT NULL::text, p_riddle_answer text DEFAULT NULL::text, p_source_app_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text) RETURNS TABLE(status gifts.redemption_status, gift_status gifts.gift_status, gift_code_id uuid, code text, credits_received numeric, portion_number integer, transaction_id uuid, new_balance numeric, message text, creator_name text, replayed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_kind constant text := 'gift_guess';
    v_most constant integer := 10;
    v_window constant interval := interval '1 minute';
    v_gift_id uuid;
    v_known boolean;
    v_free_at timestamptz;
begin
    perform credits._check_id('userId', p_user_id);
    select g.id into v_gift_id from gifts.gift_codes g where g.code = gifts._normalize_code(p_code);
    v_known := found;
    -- Who has guessed too often learns nothing from a code that is right either, unless they have redeemed it with this key.
    v_free_at := case
        when exists (
            select from credits.transactions t
            where t.user_id = p_user_id and t.idempotency_key = p_idempotency_key and t.type = 'gift' and t.reference_id = v_gift_id::text
        ) then null
        when v_known then credits._free_attempt_at(v_kind, p_user_id, v_most, v_window)
        else credits._take_attempt(v_kind, p_user_id, v_most, v_window)
    end;
    if v_free_at is not null then
        perform gifts._refuse_too_many_attempts(v_free_at);
    end if;
    if v_known then
        return query select * from gifts.redeem_gift(
            p_code, p_user_id, p_email, p_matrix_id, p_riddle_answer, p_source_app_id, p_idempotency_key
        );
    end if;
end
$$;

ALTER FUNCTION gifts.redeem_typed_code(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) OWNER TO credits_owner;

--
-- Name: FUNCTION redeem_typed_code(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.redeem_typed_code(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) IS 'gifts.redeem_gift for codes that people type: a code that does not exist counts as a guess, 10 at once and as many anew in a minute for each user. No row for such a code: the guess counts all the same, which a refusal would undo.
Errors: UC001 invalid_request (userId), UG008 too_many_attempts, then those of gifts.redeem_gift.
Idempotency: as gifts.redeem_gift; a guess counts each time.
Locks: the user''s attempts for a code that does not exist; else those of gifts.redeem_gift.';

--
-- Name: attempts; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE UNLOGGED TABLE credits.attempts (
    subject text NOT NULL,
    kind text NOT NULL,
    free_at timestamp with time zone NOT NULL,
    CONSTRAINT attempts_subject_length CHECK ((char_length(subject) <= 128))
)
WITH (fillfactor='50');

ALTER TABLE credits.attempts OWNER TO credits_owner;

--
-- Name: TABLE attempts; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.attempts IS 'Throttles: one row for whoever tried lately, forgotten by a crash and by credits.expire_attempts when all attempts are free again';

--
-- Name: COLUMN attempts.subject; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.attempts.subject IS 'Who tries: the id of a user, or the address of a visitor';

--
-- Name: COLUMN attempts.kind; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.attempts.kind IS 'What is tried: gift_look_up (by address), gift_guess, purchase (by user)';

--
-- Name: COLUMN attempts.free_at; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.attempts.free_at IS 'When all attempts are free again: each one taken moves it on by its share of the window, up to a whole window from now';

--
-- Name: dated_credits; Type: TABLE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TABLE dated_credits; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.dated_credits IS 'What is left of each grant with a date. remaining is written only by the trigger that folds dated_movements into it';

--
-- Name: COLUMN dated_credits.id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.dated_credits.id IS 'The ledger row of the grant';

--
-- Name: dated_movements; Type: TABLE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TABLE dated_movements; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.dated_movements IS 'What was taken from dated credits (negative) and given back to them: append-only, so that a refund restores what a usage took';

--
-- Name: COLUMN dated_movements.cause_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.dated_movements.cause_id IS 'What took or gave back: the ledger row, the reservation, the purchase whose payment went back, or the dated credits themselves where they repaid a debt';

--
-- Name: deployed; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.deployed (
    kind text NOT NULL,
    object text NOT NULL,
    definition text NOT NULL
);

ALTER TABLE credits.deployed OWNER TO credits_owner;

--
-- Name: TABLE deployed; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.deployed IS 'The definition of everything that was there when the last deployment ended, as credits._definitions tells it; written by deployments alone, and names nobody but deployers';

--
-- Name: COLUMN deployed.kind; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.deployed.kind IS 'function, trigger, constraint, column, right and so on; deployment: of what files, when and by which login it was made';

--
-- Name: event_log; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.event_log (
    only_row boolean DEFAULT true NOT NULL,
    last_position bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_log_has_one_row CHECK (only_row)
);

ALTER TABLE credits.event_log OWNER TO credits_owner;

--
-- Name: TABLE event_log; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.event_log IS 'The last position given out; whoever gives out more, or turns the events of balances on or off, locks the row';

--
-- Name: events; Type: TABLE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TABLE events; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.events IS 'Events in the order in which every consumer reads them, until all consumers have passed them';

--
-- Name: COLUMN events."position"; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.events."position" IS 'The place in the order: once a reader sees one, no lower one appears any more. Without meaning otherwise, and not without gaps';

--
-- Name: COLUMN events.id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.events.id IS 'Stays the same however often the event is delivered';

--
-- Name: figures; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE UNLOGGED TABLE credits.figures (
    only_row boolean DEFAULT true NOT NULL,
    due_at timestamp with time zone NOT NULL,
    measured_at timestamp with time zone,
    balances numeric,
    pools numeric,
    reservations numeric,
    gifts numeric,
    open_reservations bigint,
    open_gifts bigint,
    CONSTRAINT figures_have_one_row CHECK (only_row)
);

ALTER TABLE credits.figures OWNER TO credits_owner;

--
-- Name: TABLE figures; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.figures IS 'Where all credits were when credits.measure last added them up, for gauges; nothing depends on it';

--
-- Name: COLUMN figures.due_at; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.figures.due_at IS 'When to measure again; whoever claims that moves it on first, so that nobody else does so too';

--
-- Name: COLUMN figures.balances; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.figures.balances IS 'What users can spend';

--
-- Name: COLUMN figures.pools; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.figures.pools IS 'What guilds can spend';

--
-- Name: COLUMN figures.reservations; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.figures.reservations IS 'What is held of either';

--
-- Name: COLUMN figures.gifts; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.figures.gifts IS 'What open gifts have left';

--
-- Name: guild_member_spending; Type: TABLE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TABLE guild_member_spending; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.guild_member_spending IS 'What a member used of a pool by local day, folded from the pool''s ledger, so that a limit is checked without summing history';

--
-- Name: COLUMN guild_member_spending.reserved; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_member_spending.reserved IS 'Held by the member''s open reservations; counts against the limits like what is spent';

--
-- Name: guild_seals; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.guild_seals (
    organization_id text NOT NULL,
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT guild_seals_are_sha256 CHECK ((octet_length(hash) = 32))
);

ALTER TABLE credits.guild_seals OWNER TO credits_owner;

--
-- Name: TABLE guild_seals; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.guild_seals IS 'How the hash chain of each pool''s ledger stood at some of its rows: append-only. What is sealed is evidence, what came since is not yet';

--
-- Name: COLUMN guild_seals.id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_seals.id IS 'The ledger row that the seal is of';

--
-- Name: COLUMN guild_seals.sequence; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_seals.sequence IS 'Its number in its pool, hence how many rows are sealed';

--
-- Name: COLUMN guild_seals.hash; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_seals.hash IS 'SHA-256 of the hash of the row before (nothing for the first row) and the row''s canonical text: over every row from the first to this one';

--
-- Name: COLUMN guild_seals.created_at; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_seals.created_at IS 'Since when a change of the rows up to here is evident';

--
-- Name: guild_spending_limits; Type: TABLE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TABLE guild_spending_limits; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.guild_spending_limits IS 'How much a member may use of a pool in a day and a month; null means no limit, 0 blocks';

--
-- Name: holdings; Type: VIEW; Schema: credits; Owner: credits_owner
--

CREATE VIEW credits.holdings AS
 SELECT in_balances,
    in_pools,
    in_reservations,
    in_gifts,
    (((in_balances + in_pools) + in_reservations) + in_gifts) AS total
   FROM ( SELECT b.balance AS in_balances,
            p.balance AS in_pools,
            (b.reserved + p.reserved) AS in_reservations,
            g.unclaimed AS in_gifts
           FROM ((( SELECT COALESCE(sum(balances.balance), (0)::numeric) AS balance,
                    COALESCE(sum(balances.reserved), (0)::numeric) AS reserved
                   FROM credits.balances) b
             CROSS JOIN ( SELECT COALESCE(sum(guild_pools.balance), (0)::numeric) AS balance,
                    COALESCE(sum(guild_pools.reserved), (0)::numeric) AS reserved
                   FROM credits.guild_pools) p)
             CROSS JOIN ( SELECT COALESCE(sum((gift_codes.credits_per_portion * ((gift_codes.total_portions - gift_codes.claimed_portions))::numeric)), (0)::numeric) AS unclaimed
                   FROM gifts.gift_codes
                  WHERE (gift_codes.status = 'active'::gifts.gift_status)) g)) held;

ALTER VIEW credits.holdings OWNER TO credits_owner;

--
-- Name: VIEW holdings; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON VIEW credits.holdings IS 'Where all credits lie now: what is owed to people, guilds and holders of gift codes. A debt counts as negative';

--
-- Name: job_claims; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.job_claims (
    name text NOT NULL,
    claimed_at timestamp with time zone NOT NULL
);

ALTER TABLE credits.job_claims OWNER TO credits_owner;

--
-- Name: TABLE job_claims; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.job_claims IS 'When a process last took a job that one process at a time should do; a reconciliation holds its row while it runs';

--
-- Name: outbox; Type: TABLE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TABLE outbox; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.outbox IS 'Events that wait to be given their position by credits.order_events; rows of the same account are numbered in its order';

--
-- Name: COLUMN outbox.user_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.outbox.user_id IS 'Whose account it is, or which member moved the pool''s';

--
-- Name: COLUMN outbox.organization_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.outbox.organization_id IS 'Whose pool it is; null for a personal account';

--
-- Name: outbox_number_seq; Type: SEQUENCE; Schema: credits; Owner: credits_owner
--

ALTER TABLE credits.outbox ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME credits.outbox_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: SEQUENCE outbox_number_seq; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON SEQUENCE credits.outbox_number_seq IS 'Numbers events as they are written';

--
-- Name: packages; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.packages (
    id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    credits numeric(15,6) NOT NULL,
    price_euro_cents integer NOT NULL,
    stripe_price_id text,
    active boolean DEFAULT true NOT NULL,
    sort_order integer DEFAULT 0 NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT packages_are_worth_something CHECK (((credits > (0)::numeric) AND (credits <= 999999999.999999) AND (price_euro_cents > 0))),
    CONSTRAINT packages_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text))
);

ALTER TABLE credits.packages OWNER TO credits_owner;

--
-- Name: TABLE packages; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.packages IS 'What can be bought; a DBA adds one with a plain insert, the id comes by itself. A small reference table, the same for every account';

--
-- Name: purchase_disputes; Type: TABLE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TABLE purchase_disputes; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.purchase_disputes IS 'The disputes about each purchase, as Stripe last reported them';

--
-- Name: reconciled_accounts; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.reconciled_accounts (
    transaction_id uuid NOT NULL,
    balance numeric(18,6) NOT NULL,
    total_in numeric(24,6) NOT NULL,
    total_out numeric(24,6) NOT NULL,
    version bigint NOT NULL,
    seal_id uuid
);

ALTER TABLE credits.reconciled_accounts OWNER TO credits_owner;

--
-- Name: TABLE reconciled_accounts; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.reconciled_accounts IS 'For each account the newest ledger row of the last clean run, and the figures proved then: the next run begins there. It names no account, so an erasure finds nothing in it';

--
-- Name: COLUMN reconciled_accounts.transaction_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciled_accounts.transaction_id IS 'The last verified row of a personal ledger or of a pool''s';

--
-- Name: COLUMN reconciled_accounts.balance; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciled_accounts.balance IS 'What the account owned after it: balance + reserved';

--
-- Name: COLUMN reconciled_accounts.total_in; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciled_accounts.total_in IS 'total_earned of a balance, total_funded of a pool';

--
-- Name: COLUMN reconciled_accounts.total_out; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciled_accounts.total_out IS 'total_spent';

--
-- Name: COLUMN reconciled_accounts.version; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciled_accounts.version IS 'How many rows its ledger had, this one included';

--
-- Name: COLUMN reconciled_accounts.seal_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciled_accounts.seal_id IS 'The newest sealed row of the account whose seal was verified then; null if none';

--
-- Name: reconciliations; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.reconciliations (
    id uuid NOT NULL,
    scope text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    clean boolean NOT NULL,
    credits_held numeric(30,6) NOT NULL,
    details jsonb NOT NULL,
    called_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT reconciliations_know_their_scope CHECK ((scope = ANY (ARRAY['full'::text, 'new'::text])))
);

ALTER TABLE credits.reconciliations OWNER TO credits_owner;

--
-- Name: TABLE reconciliations; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.reconciliations IS 'Every run of credits.reconcile over all checks; it names no account';

--
-- Name: COLUMN reconciliations.scope; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciliations.scope IS 'full: all there is; new: what is newer than the last clean run';

--
-- Name: COLUMN reconciliations.clean; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciliations.clean IS 'Whether nothing was off';

--
-- Name: COLUMN reconciliations.credits_held; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciliations.credits_held IS 'All credits in balances, pools, gifts and reservations at that moment';

--
-- Name: COLUMN reconciliations.details; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.reconciliations.details IS 'By check: how many discrepancies, and the milliseconds it took';

--
-- Name: seals; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.seals (
    user_id text NOT NULL,
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT seals_are_sha256 CHECK ((octet_length(hash) = 32))
);

ALTER TABLE credits.seals OWNER TO credits_owner;

--
-- Name: TABLE seals; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.seals IS 'How the hash chain of each personal ledger stood at some of its rows: append-only. What is sealed is evidence, what came since is not yet';

--
-- Name: COLUMN seals.id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.seals.id IS 'The ledger row that the seal is of';

--
-- Name: COLUMN seals.sequence; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.seals.sequence IS 'Its number in its account, hence how many rows are sealed';

--
-- Name: COLUMN seals.hash; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.seals.hash IS 'SHA-256 of the hash of the row before (nothing for the first row) and the row''s canonical text: over every row from the first to this one';

--
-- Name: COLUMN seals.created_at; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.seals.created_at IS 'Since when a change of the rows up to here is evident';

--
-- Name: service_cap_usage; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.service_cap_usage (
    caller text NOT NULL,
    day date NOT NULL,
    amount numeric(24,6) NOT NULL,
    CONSTRAINT service_cap_usage_never_negative CHECK ((amount >= (0)::numeric))
);

ALTER TABLE credits.service_cap_usage OWNER TO credits_owner;

--
-- Name: TABLE service_cap_usage; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.service_cap_usage IS 'How much each capped caller has moved by UTC day';

--
-- Name: service_caps; Type: TABLE; Schema: credits; Owner: credits_owner
--

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

--
-- Name: TABLE service_caps; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.service_caps IS 'Caps of a login role, or of a service key by its name: null means no cap; who has no row is not capped. A DBA adds one with a plain insert';

--
-- Name: COLUMN service_caps.caller; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.service_caps.caller IS 'The login role of an SQL caller, or the name of a service key';

--
-- Name: COLUMN service_caps.operations; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.service_caps.operations IS 'Which operations the caller may call';

--
-- Name: COLUMN service_caps.app_ids; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.service_caps.app_ids IS 'For which apps';

--
-- Name: COLUMN service_caps.max_amount; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.service_caps.max_amount IS 'The most that one call may move';

--
-- Name: COLUMN service_caps.max_amount_per_day; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.service_caps.max_amount_per_day IS 'The most that all calls of a UTC day may move together';

--
-- Name: settings; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.settings (
    only_row boolean DEFAULT true NOT NULL,
    limits_time_zone text DEFAULT 'UTC'::text NOT NULL,
    CONSTRAINT settings_have_one_row CHECK (only_row)
);

ALTER TABLE credits.settings OWNER TO credits_owner;

--
-- Name: TABLE settings; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.settings IS 'What is the same for the whole database; written by the deployment';

--
-- Name: COLUMN settings.limits_time_zone; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.settings.limits_time_zone IS 'The zone in which days and months of spending limits are cut';

--
-- Name: stripe_customer_deletions; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.stripe_customer_deletions (
    stripe_customer_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE credits.stripe_customer_deletions OWNER TO credits_owner;

--
-- Name: TABLE stripe_customer_deletions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.stripe_customer_deletions IS 'Customers of erased persons that are still to be deleted at Stripe; a row goes when Stripe has confirmed it, and nothing here says who it was';

--
-- Name: stripe_customers; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.stripe_customers (
    user_id credits.account_id NOT NULL,
    stripe_customer_id text NOT NULL,
    email text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE credits.stripe_customers OWNER TO credits_owner;

--
-- Name: TABLE stripe_customers; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.stripe_customers IS 'The one Stripe customer of each user';

--
-- Name: usage_folds; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.usage_folds (
    user_id text CONSTRAINT usage_stats_user_id_not_null NOT NULL,
    app_id text CONSTRAINT usage_stats_app_id_not_null NOT NULL,
    date date CONSTRAINT usage_stats_date_not_null NOT NULL,
    credits_used numeric(24,6) CONSTRAINT usage_stats_credits_used_not_null NOT NULL,
    transactions_count bigint CONSTRAINT usage_stats_transactions_count_not_null NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE credits.usage_folds OWNER TO credits_owner;

--
-- Name: TABLE usage_folds; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.usage_folds IS 'Personal usage by user, app and UTC day, up to the ledger row that usage_marks names. Read it through the view usage_stats, which adds the rows since';

--
-- Name: usage_marks; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.usage_marks (
    user_id text NOT NULL,
    last_id uuid NOT NULL
);

ALTER TABLE credits.usage_marks OWNER TO credits_owner;

--
-- Name: TABLE usage_marks; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.usage_marks IS 'Up to which ledger row an account''s usage is folded into usage_folds';

--
-- Name: usage_stats; Type: VIEW; Schema: credits; Owner: credits_owner
--

CREATE VIEW credits.usage_stats AS
 SELECT user_id,
    app_id,
    date,
    (sum(credits_used))::numeric(24,6) AS credits_used,
    (sum(transactions_count))::bigint AS transactions_count
   FROM ( SELECT f.user_id,
            f.app_id,
            f.date,
            f.credits_used,
            f.transactions_count
           FROM credits.usage_folds f
        UNION ALL
         SELECT (b.user_id)::text AS user_id,
            (t.app_id)::text AS app_id,
            ((t.created_at AT TIME ZONE 'UTC'::text))::date AS timezone,
            ((- t.amount))::numeric(24,6) AS "numeric",
            (1)::bigint AS int8
           FROM ((credits.balances b
             LEFT JOIN credits.usage_marks m ON ((m.user_id = (b.user_id)::text)))
             CROSS JOIN LATERAL ( SELECT l.app_id,
                    l.created_at,
                    l.amount
                   FROM credits.transactions l
                  WHERE ((l.user_id = (b.user_id)::text) AND (l.id > COALESCE(m.last_id, '00000000-0000-0000-0000-000000000000'::uuid)) AND (l.type = 'usage'::credits.transaction_type))) t)) parts
  GROUP BY user_id, app_id, date;

ALTER VIEW credits.usage_stats OWNER TO credits_owner;

--
-- Name: VIEW usage_stats; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON VIEW credits.usage_stats IS 'Personal usage by user, app and UTC day: what is folded already, and the at most 256 rows of each account since';

--
-- Name: webhook_secrets; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.webhook_secrets (
    consumer text NOT NULL,
    secret text NOT NULL
);

ALTER TABLE credits.webhook_secrets OWNER TO credits_owner;

--
-- Name: TABLE webhook_secrets; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.webhook_secrets IS 'What deliveries are signed with. Apart from the rest, since auditors read every other table and must not read this one';

--
-- Name: webhooks; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.webhooks (
    consumer text NOT NULL,
    url text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    last_failure text,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    claim uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT webhooks_are_http CHECK ((url ~ '^https?://[^\s/?#@]+([/?#]\S*)?$'::text))
);

ALTER TABLE credits.webhooks OWNER TO credits_owner;

--
-- Name: TABLE webhooks; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.webhooks IS 'Where the API posts a consumer''s events';

--
-- Name: COLUMN webhooks.failures; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.webhooks.failures IS 'How often in a row delivery has failed';

--
-- Name: COLUMN webhooks.due_at; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.webhooks.due_at IS 'When delivery may be claimed: after a pause, or when the claim of a process that died has run out';

--
-- Name: COLUMN webhooks.claim; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.webhooks.claim IS 'Known only to the process that delivers now; null when none does';

--
-- Name: gift_redemptions; Type: TABLE; Schema: gifts; Owner: credits_owner
--

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

--
-- Name: TABLE gift_redemptions; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TABLE gifts.gift_redemptions IS 'Every attempt to redeem a gift, failed ones included: append-only';

--
-- Name: balances_off_ledger; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.balances_off_ledger AS
 WITH ledger AS (
         SELECT transactions.user_id,
            sum(transactions.amount) FILTER (WHERE ((transactions.amount > (0)::numeric) AND (NOT transactions.reversal))) AS earned,
            (- sum(transactions.amount) FILTER (WHERE ((transactions.amount < (0)::numeric) OR transactions.reversal))) AS spent,
            count(*) AS rows
           FROM credits.transactions
          GROUP BY transactions.user_id
        )
 SELECT COALESCE((b.user_id)::text, l.user_id) AS account,
    figures.what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM ((credits.balances b
     FULL JOIN ledger l ON ((l.user_id = (b.user_id)::text)))
     CROSS JOIN LATERAL ( VALUES ('total_earned'::text,COALESCE(l.earned, (0)::numeric),COALESCE(b.total_earned, (0)::numeric)), ('total_spent'::text,COALESCE(l.spent, (0)::numeric),COALESCE(b.total_spent, (0)::numeric)), ('version'::text,COALESCE(l.rows, (0)::bigint),COALESCE(b.version, (0)::bigint)), ('balance'::text,COALESCE(((b.total_earned - b.total_spent) - b.reserved), (0)::numeric),COALESCE(b.balance, (0)::numeric))) figures(what, expected, actual))
  WHERE (figures.expected <> figures.actual);

ALTER VIEW reconcile.balances_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW balances_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.balances_off_ledger IS 'Balances whose figures are not the sum of their ledger';

--
-- Name: broken_chains; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.broken_chains AS
 WITH chain AS (
         SELECT transactions.user_id AS account,
            transactions.id,
            transactions.balance_before,
            (transactions.balance_before + transactions.amount) AS after_by_amount,
            transactions.balance_after,
            transactions.created_at,
            transactions.sequence,
            row_number() OVER account AS place,
            lag(transactions.balance_after, 1, (0)::numeric) OVER account AS before_by_chain,
            lag(transactions.created_at, 1, transactions.created_at) OVER account AS created_at_before
           FROM credits.transactions
          WINDOW account AS (PARTITION BY transactions.user_id ORDER BY transactions.id)
        )
 SELECT c.account,
    format('%s of %s'::text, figures.what, c.id) AS what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM (chain c
     CROSS JOIN LATERAL ( VALUES ('balance_before'::text,c.before_by_chain,c.balance_before,(c.balance_before <> c.before_by_chain)), ('balance_after'::text,c.after_by_amount,c.balance_after,(c.balance_after <> c.after_by_amount)), ('sequence'::text,c.place,c.sequence,(c.sequence <> c.place)), ('seconds of created_at'::text,EXTRACT(epoch FROM c.created_at_before),EXTRACT(epoch FROM c.created_at),(c.created_at < c.created_at_before))) figures(what, expected, actual, is_off))
  WHERE (((c.balance_before <> c.before_by_chain) OR (c.balance_after <> c.after_by_amount) OR (c.sequence <> c.place) OR (c.created_at < c.created_at_before)) AND figures.is_off)
UNION ALL
 SELECT b.user_id AS account,
    format('the end of the chain, %s'::text, t.id) AS what,
    t.balance_after AS expected,
    (b.balance + b.reserved) AS actual,
    ((b.balance + b.reserved) - t.balance_after) AS difference
   FROM (credits.balances b
     CROSS JOIN LATERAL ( SELECT transactions.id,
            transactions.balance_after
           FROM credits.transactions
          WHERE (transactions.user_id = (b.user_id)::text)
          ORDER BY transactions.id DESC
         LIMIT 1) t)
  WHERE ((b.last_transaction_id IS DISTINCT FROM t.id) OR ((b.balance + b.reserved) <> t.balance_after));

ALTER VIEW reconcile.broken_chains OWNER TO credits_owner;

--
-- Name: VIEW broken_chains; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.broken_chains IS 'Personal ledger rows that do not continue the one before, in amount, in number or in time, that do not add up, and balances that are not where their chain ends';

--
-- Name: broken_pool_chains; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.broken_pool_chains AS
 WITH chain AS (
         SELECT guild_transactions.organization_id AS account,
            guild_transactions.id,
            guild_transactions.balance_before,
            (guild_transactions.balance_before + guild_transactions.amount) AS after_by_amount,
            guild_transactions.balance_after,
            guild_transactions.created_at,
            guild_transactions.sequence,
            row_number() OVER account AS place,
            lag(guild_transactions.balance_after, 1, (0)::numeric) OVER account AS before_by_chain,
            lag(guild_transactions.created_at, 1, guild_transactions.created_at) OVER account AS created_at_before
           FROM credits.guild_transactions
          WINDOW account AS (PARTITION BY guild_transactions.organization_id ORDER BY guild_transactions.id)
        )
 SELECT c.account,
    format('%s of %s'::text, figures.what, c.id) AS what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM (chain c
     CROSS JOIN LATERAL ( VALUES ('balance_before'::text,c.before_by_chain,c.balance_before,(c.balance_before <> c.before_by_chain)), ('balance_after'::text,c.after_by_amount,c.balance_after,(c.balance_after <> c.after_by_amount)), ('sequence'::text,c.place,c.sequence,(c.sequence <> c.place)), ('seconds of created_at'::text,EXTRACT(epoch FROM c.created_at_before),EXTRACT(epoch FROM c.created_at),(c.created_at < c.created_at_before))) figures(what, expected, actual, is_off))
  WHERE (((c.balance_before <> c.before_by_chain) OR (c.balance_after <> c.after_by_amount) OR (c.sequence <> c.place) OR (c.created_at < c.created_at_before)) AND figures.is_off)
UNION ALL
 SELECT b.organization_id AS account,
    format('the end of the chain, %s'::text, t.id) AS what,
    t.balance_after AS expected,
    (b.balance + b.reserved) AS actual,
    ((b.balance + b.reserved) - t.balance_after) AS difference
   FROM (credits.guild_pools b
     CROSS JOIN LATERAL ( SELECT guild_transactions.id,
            guild_transactions.balance_after
           FROM credits.guild_transactions
          WHERE (guild_transactions.organization_id = (b.organization_id)::text)
          ORDER BY guild_transactions.id DESC
         LIMIT 1) t)
  WHERE ((b.last_transaction_id IS DISTINCT FROM t.id) OR ((b.balance + b.reserved) <> t.balance_after));

ALTER VIEW reconcile.broken_pool_chains OWNER TO credits_owner;

--
-- Name: VIEW broken_pool_chains; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.broken_pool_chains IS 'Ledger rows of pools that do not continue the one before, in amount, in number or in time, that do not add up, and pools that are not where their chain ends';

--
-- Name: broken_pool_seals; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.broken_pool_seals AS
 WITH parts AS (
         SELECT guild_seals.organization_id,
            guild_seals.id,
            guild_seals.sequence,
            guild_seals.hash,
            lag(guild_seals.id) OVER account AS after_id,
            lag(guild_seals.sequence, 1, (0)::bigint) OVER account AS after_sequence,
            lag(guild_seals.hash) OVER account AS after_hash
           FROM credits.guild_seals
          WINDOW account AS (PARTITION BY guild_seals.organization_id ORDER BY guild_seals.id)
        )
 SELECT p.organization_id AS account,
    format('rows %s to %s'::text, (p.after_sequence + 1), p.sequence) AS what,
    encode(p.hash, 'hex'::text) AS expected,
    encode(c.hash, 'hex'::text) AS actual,
    (c.rows - (p.sequence - p.after_sequence)) AS difference
   FROM (parts p
     CROSS JOIN LATERAL credits.hash_guild_transactions(p.organization_id, p.after_id, p.id, p.after_hash) c(rows, id, sequence, hash))
  WHERE ((c.hash <> p.hash) OR (c.id IS DISTINCT FROM p.id) OR (c.sequence <> p.sequence));

ALTER VIEW reconcile.broken_pool_seals OWNER TO credits_owner;

--
-- Name: VIEW broken_pool_seals; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.broken_pool_seals IS 'Sealed rows of pools that are not as they were sealed: expected is the hash of the seal, actual what the rows give, difference how many rows there are too many';

--
-- Name: broken_seals; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.broken_seals AS
 WITH parts AS (
         SELECT seals.user_id,
            seals.id,
            seals.sequence,
            seals.hash,
            lag(seals.id) OVER account AS after_id,
            lag(seals.sequence, 1, (0)::bigint) OVER account AS after_sequence,
            lag(seals.hash) OVER account AS after_hash
           FROM credits.seals
          WINDOW account AS (PARTITION BY seals.user_id ORDER BY seals.id)
        )
 SELECT p.user_id AS account,
    format('rows %s to %s'::text, (p.after_sequence + 1), p.sequence) AS what,
    encode(p.hash, 'hex'::text) AS expected,
    encode(c.hash, 'hex'::text) AS actual,
    (c.rows - (p.sequence - p.after_sequence)) AS difference
   FROM (parts p
     CROSS JOIN LATERAL credits.hash_transactions(p.user_id, p.after_id, p.id, p.after_hash) c(rows, id, sequence, hash))
  WHERE ((c.hash <> p.hash) OR (c.id IS DISTINCT FROM p.id) OR (c.sequence <> p.sequence));

ALTER VIEW reconcile.broken_seals OWNER TO credits_owner;

--
-- Name: VIEW broken_seals; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.broken_seals IS 'Sealed rows of personal ledgers that are not as they were sealed: expected is the hash of the seal, actual what the rows give, difference how many rows there are too many';

--
-- Name: clawbacks_off_ledger; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.clawbacks_off_ledger AS
 WITH posted AS (
         SELECT transactions.user_id,
            transactions.reference_id,
            (- sum(transactions.amount)) AS amount
           FROM credits.transactions
          WHERE (transactions.type = 'clawback'::credits.transaction_type)
          GROUP BY transactions.user_id, transactions.reference_id
        )
 SELECT COALESCE((p.user_id)::text, t.user_id) AS account,
    format('clawed back for purchase %s'::text, COALESCE((p.id)::text, t.reference_id)) AS what,
    COALESCE(p.clawed_back_credits, (0)::numeric) AS expected,
    COALESCE(t.amount, (0)::numeric) AS actual,
    (COALESCE(t.amount, (0)::numeric) - COALESCE(p.clawed_back_credits, (0)::numeric)) AS difference
   FROM (( SELECT purchases.user_id,
            purchases.id,
            purchases.package_id,
            purchases.package_name,
            purchases.credits,
            purchases.price_euro_cents,
            purchases.currency,
            purchases.status,
            purchases.failure_reason,
            purchases.stripe_payment_intent_id,
            purchases.stripe_checkout_session_id,
            purchases.stripe_customer_id,
            purchases.transaction_id,
            purchases.refunded_cents,
            purchases.clawed_back_credits,
            purchases.metadata,
            purchases.created_at,
            purchases.updated_at,
            purchases.completed_at
           FROM credits.purchases
          WHERE (purchases.clawed_back_credits <> (0)::numeric)) p
     FULL JOIN posted t ON (((t.user_id = (p.user_id)::text) AND (t.reference_id = (p.id)::text))))
  WHERE (COALESCE(p.clawed_back_credits, (0)::numeric) <> COALESCE(t.amount, (0)::numeric))
UNION ALL
 SELECT b.user_id AS account,
    'clawed_back'::text AS what,
    COALESCE(sum(t.amount), (0)::numeric) AS expected,
    b.clawed_back AS actual,
    (b.clawed_back - COALESCE(sum(t.amount), (0)::numeric)) AS difference
   FROM (credits.balances b
     LEFT JOIN posted t ON ((t.user_id = (b.user_id)::text)))
  GROUP BY b.user_id, b.clawed_back
 HAVING (b.clawed_back <> COALESCE(sum(t.amount), (0)::numeric));

ALTER VIEW reconcile.clawbacks_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW clawbacks_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.clawbacks_off_ledger IS 'Purchases and balances whose clawed back credits are not what the ledger took back';

--
-- Name: clawbacks_off_payments; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.clawbacks_off_payments AS
 WITH facts AS (
         SELECT p.user_id,
            p.id,
            p.clawed_back_credits,
            round(((p.credits * (LEAST((p.refunded_cents + COALESCE(( SELECT sum(d.amount_cents) AS sum
                   FROM credits.purchase_disputes d
                  WHERE (((d.user_id)::text = (p.user_id)::text) AND (d.purchase_id = p.id) AND (d.status <> 'won'::credits.dispute_status))), (0)::bigint)), (p.price_euro_cents)::bigint))::numeric) / (p.price_euro_cents)::numeric), 6) AS owed_back
           FROM credits.purchases p
          WHERE (p.status = 'completed'::credits.purchase_status)
        )
 SELECT user_id AS account,
    format('clawed_back_credits of purchase %s'::text, id) AS what,
    owed_back AS expected,
    clawed_back_credits AS actual,
    (clawed_back_credits - owed_back) AS difference
   FROM facts
  WHERE (clawed_back_credits <> owed_back);

ALTER VIEW reconcile.clawbacks_off_payments OWNER TO credits_owner;

--
-- Name: VIEW clawbacks_off_payments; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.clawbacks_off_payments IS 'Purchases whose clawed back credits are not what Stripe has reported as refunded, disputed and lost of their payment';

--
-- Name: credits_not_conserved; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.credits_not_conserved AS
 WITH entered AS (
         SELECT (( SELECT COALESCE(sum(transactions.amount), (0)::numeric) AS "coalesce"
                   FROM credits.transactions
                  WHERE (transactions.type <> ALL (ARRAY['gift'::credits.transaction_type, 'guild_funding'::credits.transaction_type]))) + ( SELECT COALESCE(sum(guild_transactions.amount), (0)::numeric) AS "coalesce"
                   FROM credits.guild_transactions
                  WHERE (guild_transactions.type <> 'funding'::credits.guild_transaction_type))) AS credits
        )
 SELECT 'everybody'::text AS account,
    'credits in balances, pools, gifts and reservations'::text AS what,
    e.credits AS expected,
    h.total AS actual,
    (h.total - e.credits) AS difference
   FROM (entered e
     CROSS JOIN credits.holdings h)
  WHERE (e.credits <> h.total);

ALTER VIEW reconcile.credits_not_conserved OWNER TO credits_owner;

--
-- Name: VIEW credits_not_conserved; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.credits_not_conserved IS 'Not empty when credits were made or lost inside: all that came in, less all that was used, must lie in balances, pools, gifts and reservations';

--
-- Name: dated_credits_off_movements; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.dated_credits_off_movements AS
 WITH moved AS (
         SELECT dated_movements.user_id,
            dated_movements.dated_id,
            sum(dated_movements.amount) AS amount
           FROM credits.dated_movements
          GROUP BY dated_movements.user_id, dated_movements.dated_id
        )
 SELECT COALESCE(d.user_id, m.user_id) AS account,
    format('what is left of dated credits %s'::text, COALESCE(d.id, m.dated_id)) AS what,
    (COALESCE(d.granted, (0)::numeric) + COALESCE(m.amount, (0)::numeric)) AS expected,
    COALESCE(d.remaining, (0)::numeric) AS actual,
    ((COALESCE(d.remaining, (0)::numeric) - COALESCE(d.granted, (0)::numeric)) - COALESCE(m.amount, (0)::numeric)) AS difference
   FROM (credits.dated_credits d
     FULL JOIN moved m ON ((((m.user_id)::text = (d.user_id)::text) AND (m.dated_id = d.id))))
  WHERE (COALESCE(d.remaining, (0)::numeric) <> (COALESCE(d.granted, (0)::numeric) + COALESCE(m.amount, (0)::numeric)))
UNION ALL
 SELECT d.user_id AS account,
    'dated credits of the balance'::text AS what,
    GREATEST(b.balance, (0)::numeric) AS expected,
    sum(d.remaining) AS actual,
    (sum(d.remaining) - GREATEST(b.balance, (0)::numeric)) AS difference
   FROM (credits.dated_credits d
     JOIN credits.balances b ON (((b.user_id)::text = (d.user_id)::text)))
  GROUP BY d.user_id, b.balance
 HAVING (sum(d.remaining) > GREATEST(b.balance, (0)::numeric))
UNION ALL
 SELECT d.user_id AS account,
    format('grant of dated credits %s'::text, d.id) AS what,
    COALESCE(t.amount, (0)::numeric) AS expected,
    d.granted AS actual,
    (d.granted - COALESCE(t.amount, (0)::numeric)) AS difference
   FROM (credits.dated_credits d
     LEFT JOIN credits.transactions t ON (((t.user_id = (d.user_id)::text) AND (t.id = d.id) AND (t.type = 'grant'::credits.transaction_type))))
  WHERE (d.granted IS DISTINCT FROM t.amount);

ALTER VIEW reconcile.dated_credits_off_movements OWNER TO credits_owner;

--
-- Name: VIEW dated_credits_off_movements; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.dated_credits_off_movements IS 'Dated credits whose rest is not what the movements left, that are more than the balance has, or that nobody granted';

--
-- Name: erased_with_credits; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.erased_with_credits AS
 SELECT user_id AS account,
    'what an erased person still owns'::text AS what,
    (0)::numeric AS expected,
    (balance + reserved) AS actual,
    (balance + reserved) AS difference
   FROM credits.balances b
  WHERE (((user_id)::text ~~ 'erased:%'::text) AND ((balance + reserved) > (0)::numeric) AND (NOT (EXISTS ( SELECT
           FROM (credits.purchases p
             JOIN credits.purchase_disputes d ON ((((d.user_id)::text = (p.user_id)::text) AND (d.purchase_id = p.id) AND (d.status = 'won'::credits.dispute_status))))
          WHERE ((p.user_id)::text = (b.user_id)::text)))));

ALTER VIEW reconcile.erased_with_credits OWNER TO credits_owner;

--
-- Name: VIEW erased_with_credits; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.erased_with_credits IS 'Erased persons whose balance was not forfeited';

--
-- Name: figures_out_of_bounds; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.figures_out_of_bounds AS
 SELECT account,
    what,
    expected,
    actual,
    (actual - expected) AS difference
   FROM ( SELECT balances.user_id AS account,
            'balance, at least'::text AS what,
            (- balances.clawed_back) AS expected,
            balances.balance AS actual,
            (balances.balance < (- balances.clawed_back)) AS is_off
           FROM credits.balances
        UNION ALL
         SELECT balances.user_id,
            'reserved, at least'::text AS what,
            0,
            balances.reserved,
            (balances.reserved < (0)::numeric)
           FROM credits.balances
        UNION ALL
         SELECT guild_pools.organization_id,
            'balance, at least'::text AS what,
            0,
            guild_pools.balance,
            (guild_pools.balance < (0)::numeric)
           FROM credits.guild_pools
        UNION ALL
         SELECT guild_pools.organization_id,
            'reserved, at least'::text AS what,
            0,
            guild_pools.reserved,
            (guild_pools.reserved < (0)::numeric)
           FROM credits.guild_pools
        UNION ALL
         SELECT gift_codes.code,
            'claimed_portions, at most'::text AS what,
            gift_codes.total_portions,
            gift_codes.claimed_portions,
            (gift_codes.claimed_portions > gift_codes.total_portions)
           FROM gifts.gift_codes
        UNION ALL
         SELECT gift_codes.code,
            'refunded_credits'::text AS what,
                CASE
                    WHEN (gift_codes.status = ANY (ARRAY['cancelled'::gifts.gift_status, 'refunded'::gifts.gift_status])) THEN (gift_codes.total_credits - (gift_codes.credits_per_portion * (gift_codes.claimed_portions)::numeric))
                    ELSE (0)::numeric
                END AS "case",
            gift_codes.refunded_credits,
            (gift_codes.refunded_credits <>
                CASE
                    WHEN (gift_codes.status = ANY (ARRAY['cancelled'::gifts.gift_status, 'refunded'::gifts.gift_status])) THEN (gift_codes.total_credits - (gift_codes.credits_per_portion * (gift_codes.claimed_portions)::numeric))
                    ELSE (0)::numeric
                END)
           FROM gifts.gift_codes) bounds
  WHERE is_off;

ALTER VIEW reconcile.figures_out_of_bounds OWNER TO credits_owner;

--
-- Name: VIEW figures_out_of_bounds; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.figures_out_of_bounds IS 'Balances below zero for another reason than a clawback, pools below zero, and gifts that gave out or back what they did not have';

--
-- Name: fundings_off; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.fundings_off AS
 SELECT COALESCE(t.guild_id, g.organization_id) AS account,
    format('funding by %s'::text, COALESCE(t.user_id, g.user_id)) AS what,
    COALESCE((- t.amount), (0)::numeric) AS expected,
    COALESCE(g.amount, (0)::numeric) AS actual,
    (COALESCE(g.amount, (0)::numeric) + COALESCE(t.amount, (0)::numeric)) AS difference
   FROM (( SELECT transactions.user_id,
            transactions.id,
            transactions.type,
            transactions.status,
            transactions.amount,
            transactions.balance_before,
            transactions.balance_after,
            transactions.reserved_after,
            transactions.total_spent_after,
            transactions.reversal,
            transactions.app_id,
            transactions.description,
            transactions.metadata,
            transactions.idempotency_key,
            transactions.guild_id,
            transactions.reference_id,
            transactions.called_by,
            transactions.created_at,
            transactions.completed_at,
            transactions.sequence,
            transactions.request_id
           FROM credits.transactions
          WHERE (transactions.type = 'guild_funding'::credits.transaction_type)) t
     FULL JOIN ( SELECT guild_transactions.organization_id,
            guild_transactions.id,
            guild_transactions.user_id,
            guild_transactions.type,
            guild_transactions.amount,
            guild_transactions.balance_before,
            guild_transactions.balance_after,
            guild_transactions.reserved_after,
            guild_transactions.total_spent_after,
            guild_transactions.reversal,
            guild_transactions.spending_day,
            guild_transactions.app_id,
            guild_transactions.description,
            guild_transactions.metadata,
            guild_transactions.idempotency_key,
            guild_transactions.reference_id,
            guild_transactions.called_by,
            guild_transactions.created_at,
            guild_transactions.sequence,
            guild_transactions.request_id
           FROM credits.guild_transactions
          WHERE (guild_transactions.type = 'funding'::credits.guild_transaction_type)) g ON (((g.organization_id = t.guild_id) AND ((g.id)::text = t.reference_id) AND (g.user_id = t.user_id))))
  WHERE (COALESCE(g.amount, (0)::numeric) <> COALESCE((- t.amount), (0)::numeric));

ALTER VIEW reconcile.fundings_off OWNER TO credits_owner;

--
-- Name: VIEW fundings_off; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.fundings_off IS 'Fundings that left a balance and did not reach the pool, or the reverse';

--
-- Name: gifts_off_ledger; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.gifts_off_ledger AS
 WITH posted AS (
         SELECT transactions.reference_id,
            (- sum(transactions.amount) FILTER (WHERE (transactions.amount < (0)::numeric))) AS charged,
            sum(transactions.amount) FILTER (WHERE transactions.reversal) AS refunded,
            sum(transactions.amount) FILTER (WHERE ((transactions.amount > (0)::numeric) AND (NOT transactions.reversal))) AS received
           FROM credits.transactions
          WHERE (transactions.type = 'gift'::credits.transaction_type)
          GROUP BY transactions.reference_id
        )
 SELECT COALESCE(g.code, p.reference_id) AS account,
    figures.what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM ((gifts.gift_codes g
     FULL JOIN posted p ON ((p.reference_id = (g.id)::text)))
     CROSS JOIN LATERAL ( VALUES ('total_credits'::text,COALESCE(p.charged, (0)::numeric),COALESCE(g.total_credits, (0)::numeric)), ('refunded_credits'::text,COALESCE(p.refunded, (0)::numeric),COALESCE(g.refunded_credits, (0)::numeric)), ('credits claimed'::text,COALESCE(p.received, (0)::numeric),COALESCE(((g.claimed_portions)::numeric * g.credits_per_portion), (0)::numeric))) figures(what, expected, actual))
  WHERE (figures.expected <> figures.actual);

ALTER VIEW reconcile.gifts_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW gifts_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.gifts_off_ledger IS 'Gifts whose charge, refund or redemptions are not in the ledgers of their people';

--
-- Name: gifts_off_redemptions; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.gifts_off_redemptions AS
 WITH redeemed AS (
         SELECT gift_redemptions.code,
            count(*) AS portions,
            sum(gift_redemptions.credits_received) AS credits
           FROM gifts.gift_redemptions
          WHERE (gift_redemptions.status = 'success'::gifts.redemption_status)
          GROUP BY gift_redemptions.code
        )
 SELECT COALESCE(g.code, r.code) AS account,
    figures.what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM ((gifts.gift_codes g
     FULL JOIN redeemed r ON ((r.code = g.code)))
     CROSS JOIN LATERAL ( VALUES ('claimed_portions'::text,COALESCE(r.portions, (0)::bigint),COALESCE(g.claimed_portions, 0)), ('credits claimed'::text,COALESCE(r.credits, (0)::numeric),COALESCE(((g.claimed_portions)::numeric * g.credits_per_portion), (0)::numeric))) figures(what, expected, actual))
  WHERE (figures.expected <> figures.actual);

ALTER VIEW reconcile.gifts_off_redemptions OWNER TO credits_owner;

--
-- Name: VIEW gifts_off_redemptions; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.gifts_off_redemptions IS 'Gifts whose claimed portions are not their successful redemptions';

--
-- Name: member_spending_off_ledger; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.member_spending_off_ledger AS
 WITH ledger AS (
         SELECT guild_transactions.organization_id,
            guild_transactions.user_id,
            guild_transactions.spending_day AS day,
            (- sum(guild_transactions.amount)) AS spent
           FROM credits.guild_transactions
          WHERE (guild_transactions.spending_day IS NOT NULL)
          GROUP BY guild_transactions.organization_id, guild_transactions.user_id, guild_transactions.spending_day
        )
 SELECT COALESCE(m.organization_id, l.organization_id) AS account,
    format('spending of %s on %s'::text, COALESCE(m.user_id, l.user_id), COALESCE(m.day, l.day)) AS what,
    COALESCE(l.spent, (0)::numeric) AS expected,
    COALESCE(m.spent, (0)::numeric) AS actual,
    (COALESCE(m.spent, (0)::numeric) - COALESCE(l.spent, (0)::numeric)) AS difference
   FROM (credits.guild_member_spending m
     FULL JOIN ledger l ON (((l.organization_id = m.organization_id) AND (l.user_id = m.user_id) AND (l.day = m.day))))
  WHERE (COALESCE(m.spent, (0)::numeric) <> COALESCE(l.spent, (0)::numeric));

ALTER VIEW reconcile.member_spending_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW member_spending_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.member_spending_off_ledger IS 'Counters of members'' spending that are not the sum of the pool''s ledger';

--
-- Name: member_spending_off_reservations; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.member_spending_off_reservations AS
 WITH held AS (
         SELECT reservations.organization_id,
            reservations.user_id,
            reservations.spending_day AS day,
            sum(reservations.amount) AS amount
           FROM credits.reservations
          WHERE ((reservations.status = 'held'::credits.reservation_status) AND (reservations.organization_id IS NOT NULL))
          GROUP BY reservations.organization_id, reservations.user_id, reservations.spending_day
        )
 SELECT COALESCE(m.organization_id, (h.organization_id)::text) AS account,
    format('reserved by %s on %s'::text, COALESCE(m.user_id, (h.user_id)::text), COALESCE(m.day, h.day)) AS what,
    COALESCE(h.amount, (0)::numeric) AS expected,
    COALESCE(m.reserved, (0)::numeric) AS actual,
    (COALESCE(m.reserved, (0)::numeric) - COALESCE(h.amount, (0)::numeric)) AS difference
   FROM (credits.guild_member_spending m
     FULL JOIN held h ON ((((h.organization_id)::text = m.organization_id) AND ((h.user_id)::text = m.user_id) AND (h.day = m.day))))
  WHERE (COALESCE(m.reserved, (0)::numeric) <> COALESCE(h.amount, (0)::numeric));

ALTER VIEW reconcile.member_spending_off_reservations OWNER TO credits_owner;

--
-- Name: VIEW member_spending_off_reservations; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.member_spending_off_reservations IS 'Counters of what members hold that are not their open reservations';

--
-- Name: next_expiries_off; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.next_expiries_off AS
 WITH due AS (
         SELECT dated_credits.user_id,
            min(dated_credits.expires_at) AS first,
            sum(dated_credits.remaining) AS credits
           FROM credits.dated_credits
          WHERE (dated_credits.remaining > (0)::numeric)
          GROUP BY dated_credits.user_id
        )
 SELECT d.user_id AS account,
    format('seconds of next_expiry, at most, for %s credits with a date'::text, d.credits) AS what,
    EXTRACT(epoch FROM d.first) AS expected,
    EXTRACT(epoch FROM b.next_expiry) AS actual,
    (EXTRACT(epoch FROM b.next_expiry) - EXTRACT(epoch FROM d.first)) AS difference
   FROM (due d
     LEFT JOIN credits.balances b ON (((b.user_id)::text = (d.user_id)::text)))
  WHERE ((b.next_expiry <= d.first) IS NOT TRUE);

ALTER VIEW reconcile.next_expiries_off OWNER TO credits_owner;

--
-- Name: VIEW next_expiries_off; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.next_expiries_off IS 'Balances that would not notice the expiry of their dated credits';

--
-- Name: pools_off_ledger; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.pools_off_ledger AS
 WITH ledger AS (
         SELECT guild_transactions.organization_id,
            sum(guild_transactions.amount) FILTER (WHERE ((guild_transactions.amount > (0)::numeric) AND (NOT guild_transactions.reversal))) AS funded,
            (- sum(guild_transactions.amount) FILTER (WHERE ((guild_transactions.amount < (0)::numeric) OR guild_transactions.reversal))) AS spent,
            count(*) AS rows
           FROM credits.guild_transactions
          GROUP BY guild_transactions.organization_id
        )
 SELECT COALESCE((p.organization_id)::text, l.organization_id) AS account,
    figures.what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM ((credits.guild_pools p
     FULL JOIN ledger l ON ((l.organization_id = (p.organization_id)::text)))
     CROSS JOIN LATERAL ( VALUES ('total_funded'::text,COALESCE(l.funded, (0)::numeric),COALESCE(p.total_funded, (0)::numeric)), ('total_spent'::text,COALESCE(l.spent, (0)::numeric),COALESCE(p.total_spent, (0)::numeric)), ('version'::text,COALESCE(l.rows, (0)::bigint),COALESCE(p.version, (0)::bigint)), ('balance'::text,COALESCE(((p.total_funded - p.total_spent) - p.reserved), (0)::numeric),COALESCE(p.balance, (0)::numeric))) figures(what, expected, actual))
  WHERE (figures.expected <> figures.actual);

ALTER VIEW reconcile.pools_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW pools_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.pools_off_ledger IS 'Guild pools whose figures are not the sum of their ledger';

--
-- Name: protection_off; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.protection_off AS
 WITH differing AS (
         SELECT COALESCE(d.object, a.object) AS object,
            COALESCE(d.kind, a.kind) AS kind,
            d.definition AS deployed,
            a.definition AS actual
           FROM (( SELECT deployed.kind,
                    deployed.object,
                    deployed.definition
                   FROM credits.deployed
                  WHERE (deployed.kind <> 'deployment'::text)) d
             FULL JOIN credits._definitions() a(kind, object, definition) USING (kind, object))
          WHERE (d.definition IS DISTINCT FROM a.definition)
        )
 SELECT object AS account,
    (kind ||
        CASE
            WHEN (deployed IS NULL) THEN ': foreign'::text
            WHEN (actual IS NULL) THEN ': missing'::text
            ELSE ': changed'::text
        END) AS what,
    array_to_string(ARRAY( SELECT string_to_table(differing.deployed, '
'::text) AS string_to_table
        EXCEPT
         SELECT string_to_table(differing.actual, '
'::text) AS string_to_table), '
'::text) AS expected,
    array_to_string(ARRAY( SELECT string_to_table(differing.actual, '
'::text) AS string_to_table
        EXCEPT
         SELECT string_to_table(differing.deployed, '
'::text) AS string_to_table), '
'::text) AS actual,
        CASE
            WHEN (deployed IS NULL) THEN 1
            WHEN (actual IS NULL) THEN '-1'::integer
            ELSE 0
        END AS difference
   FROM differing;

ALTER VIEW reconcile.protection_off OWNER TO credits_owner;

--
-- Name: VIEW protection_off; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.protection_off IS 'What is not as the last deployment left it: tables, columns, constraints, indexes, triggers, rules, policies, functions, views, types, owners, rights, members of credits_owner that are missing, changed or foreign; and settings that have triggers stand back. Not: what a superuser changes in PostgreSQL''s own catalog, or in the record as well, which make reconcile finds from a checkout';

--
-- Name: purchases_off_ledger; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.purchases_off_ledger AS
 SELECT COALESCE((p.user_id)::text, t.user_id) AS account,
    format('purchase %s'::text, COALESCE((p.id)::text, t.reference_id)) AS what,
    COALESCE(p.credits, (0)::numeric) AS expected,
    COALESCE(t.amount, (0)::numeric) AS actual,
    (COALESCE(t.amount, (0)::numeric) - COALESCE(p.credits, (0)::numeric)) AS difference
   FROM (( SELECT purchases.user_id,
            purchases.id,
            purchases.package_id,
            purchases.package_name,
            purchases.credits,
            purchases.price_euro_cents,
            purchases.currency,
            purchases.status,
            purchases.failure_reason,
            purchases.stripe_payment_intent_id,
            purchases.stripe_checkout_session_id,
            purchases.stripe_customer_id,
            purchases.transaction_id,
            purchases.refunded_cents,
            purchases.clawed_back_credits,
            purchases.metadata,
            purchases.created_at,
            purchases.updated_at,
            purchases.completed_at
           FROM credits.purchases
          WHERE (purchases.status = 'completed'::credits.purchase_status)) p
     FULL JOIN ( SELECT transactions.user_id,
            transactions.id,
            transactions.type,
            transactions.status,
            transactions.amount,
            transactions.balance_before,
            transactions.balance_after,
            transactions.reserved_after,
            transactions.total_spent_after,
            transactions.reversal,
            transactions.app_id,
            transactions.description,
            transactions.metadata,
            transactions.idempotency_key,
            transactions.guild_id,
            transactions.reference_id,
            transactions.called_by,
            transactions.created_at,
            transactions.completed_at,
            transactions.sequence,
            transactions.request_id
           FROM credits.transactions
          WHERE (transactions.type = 'purchase'::credits.transaction_type)) t ON (((t.user_id = (p.user_id)::text) AND (t.reference_id = (p.id)::text))))
  WHERE ((COALESCE(p.credits, (0)::numeric) <> COALESCE(t.amount, (0)::numeric)) OR (p.transaction_id IS DISTINCT FROM t.id));

ALTER VIEW reconcile.purchases_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW purchases_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.purchases_off_ledger IS 'Completed purchases that were not credited, and credited ones that were not completed';

--
-- Name: refunds_over_usage; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.refunds_over_usage AS
 WITH refunds AS (
         SELECT transactions.user_id AS account,
            false AS of_guild,
            transactions.reference_id,
            sum(transactions.amount) AS amount
           FROM credits.transactions
          WHERE ((transactions.type = 'refund'::credits.transaction_type) AND (transactions.reference_id IS NOT NULL))
          GROUP BY transactions.user_id, transactions.reference_id
        UNION ALL
         SELECT guild_transactions.organization_id,
            true,
            guild_transactions.reference_id,
            sum(guild_transactions.amount) AS sum
           FROM credits.guild_transactions
          WHERE (guild_transactions.type = 'refund'::credits.guild_transaction_type)
          GROUP BY guild_transactions.organization_id, guild_transactions.reference_id
        )
 SELECT r.account,
    format('refunds of %s'::text, r.reference_id) AS what,
    COALESCE((- t.amount), (- g.amount), (0)::numeric) AS expected,
    r.amount AS actual,
    (r.amount - COALESCE((- t.amount), (- g.amount), (0)::numeric)) AS difference
   FROM ((refunds r
     LEFT JOIN credits.transactions t ON (((NOT r.of_guild) AND (t.user_id = r.account) AND ((t.id)::text = r.reference_id) AND (t.type = 'usage'::credits.transaction_type))))
     LEFT JOIN credits.guild_transactions g ON ((r.of_guild AND (g.organization_id = r.account) AND ((g.id)::text = r.reference_id) AND (g.type = 'usage'::credits.guild_transaction_type))))
  WHERE (r.amount > COALESCE((- t.amount), (- g.amount), (0)::numeric));

ALTER VIEW reconcile.refunds_over_usage OWNER TO credits_owner;

--
-- Name: VIEW refunds_over_usage; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.refunds_over_usage IS 'Usages of which more was refunded than was used';

--
-- Name: reservation_counts_off; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.reservation_counts_off AS
 WITH made AS (
         SELECT reservations.account_id,
            (reservations.organization_id IS NOT NULL) AS of_guild,
            count(*) AS reservations
           FROM credits.reservations
          GROUP BY reservations.account_id, (reservations.organization_id IS NOT NULL)
        ), accounts AS (
         SELECT balances.user_id AS account_id,
            false AS of_guild,
            balances.reservations_count
           FROM credits.balances
        UNION ALL
         SELECT guild_pools.organization_id,
            true,
            guild_pools.reservations_count
           FROM credits.guild_pools
        )
 SELECT COALESCE(a.account_id, m.account_id) AS account,
    'reservations_count'::text AS what,
    COALESCE(m.reservations, (0)::bigint) AS expected,
    COALESCE(a.reservations_count, (0)::bigint) AS actual,
    (COALESCE(a.reservations_count, (0)::bigint) - COALESCE(m.reservations, (0)::bigint)) AS difference
   FROM (accounts a
     FULL JOIN made m ON ((((m.account_id)::text = (a.account_id)::text) AND (m.of_guild = a.of_guild))))
  WHERE (COALESCE(a.reservations_count, (0)::bigint) <> COALESCE(m.reservations, (0)::bigint));

ALTER VIEW reconcile.reservation_counts_off OWNER TO credits_owner;

--
-- Name: VIEW reservation_counts_off; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.reservation_counts_off IS 'Balances and pools whose count of reservations is off: where it is 0, keys of reservations are not searched';

--
-- Name: reservations_off_balances; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.reservations_off_balances AS
 WITH held AS (
         SELECT reservations.account_id,
            (reservations.organization_id IS NOT NULL) AS of_guild,
            sum(reservations.amount) AS amount
           FROM credits.reservations
          WHERE (reservations.status = 'held'::credits.reservation_status)
          GROUP BY reservations.account_id, (reservations.organization_id IS NOT NULL)
        ), accounts AS (
         SELECT balances.user_id AS account_id,
            false AS of_guild,
            balances.reserved
           FROM credits.balances
        UNION ALL
         SELECT guild_pools.organization_id,
            true,
            guild_pools.reserved
           FROM credits.guild_pools
        )
 SELECT COALESCE(a.account_id, h.account_id) AS account,
    'reserved'::text AS what,
    COALESCE(h.amount, (0)::numeric) AS expected,
    COALESCE(a.reserved, (0)::numeric) AS actual,
    (COALESCE(a.reserved, (0)::numeric) - COALESCE(h.amount, (0)::numeric)) AS difference
   FROM (accounts a
     FULL JOIN held h ON ((((h.account_id)::text = (a.account_id)::text) AND (h.of_guild = a.of_guild))))
  WHERE (COALESCE(a.reserved, (0)::numeric) <> COALESCE(h.amount, (0)::numeric));

ALTER VIEW reconcile.reservations_off_balances OWNER TO credits_owner;

--
-- Name: VIEW reservations_off_balances; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.reservations_off_balances IS 'Balances and pools whose reserved credits are not their open reservations';

--
-- Name: reservations_off_ledger; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.reservations_off_ledger AS
 WITH committed AS (
         SELECT transactions.user_id AS account_id,
            false AS of_guild,
            transactions.id,
            transactions.reference_id,
            (- transactions.amount) AS amount
           FROM credits.transactions
          WHERE ((transactions.type = 'usage'::credits.transaction_type) AND (transactions.reference_id IS NOT NULL))
        UNION ALL
         SELECT guild_transactions.organization_id,
            true,
            guild_transactions.id,
            guild_transactions.reference_id,
            (- guild_transactions.amount)
           FROM credits.guild_transactions
          WHERE ((guild_transactions.type = 'usage'::credits.guild_transaction_type) AND (guild_transactions.reference_id IS NOT NULL))
        )
 SELECT COALESCE((r.account_id)::text, c.account_id) AS account,
    format('reservation %s'::text, COALESCE((r.id)::text, c.reference_id)) AS what,
    COALESCE(r.committed_amount, (0)::numeric) AS expected,
    COALESCE(c.amount, (0)::numeric) AS actual,
    (COALESCE(c.amount, (0)::numeric) - COALESCE(r.committed_amount, (0)::numeric)) AS difference
   FROM (( SELECT reservations.account_id,
            reservations.id,
            reservations.user_id,
            reservations.organization_id,
            reservations.amount,
            reservations.status,
            reservations.committed_amount,
            reservations.app_id,
            reservations.reason,
            reservations.idempotency_key,
            reservations.spending_day,
            reservations.transaction_id,
            reservations.balance_after_hold,
            reservations.balance_after_end,
            reservations.called_by,
            reservations.created_at,
            reservations.expires_at,
            reservations.ended_at
           FROM credits.reservations
          WHERE (reservations.status = 'committed'::credits.reservation_status)) r
     FULL JOIN committed c ON (((c.account_id = (r.account_id)::text) AND (c.of_guild = (r.organization_id IS NOT NULL)) AND (c.id = r.transaction_id))))
  WHERE ((COALESCE(r.committed_amount, (0)::numeric) <> COALESCE(c.amount, (0)::numeric)) OR (c.reference_id IS DISTINCT FROM (r.id)::text));

ALTER VIEW reconcile.reservations_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW reservations_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.reservations_off_ledger IS 'Committed reservations without their ledger row, and ledger rows without their reservation';

--
-- Name: usage_stats_off_ledger; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.usage_stats_off_ledger AS
 WITH ledger AS (
         SELECT t.user_id,
            t.app_id,
            ((t.created_at AT TIME ZONE 'UTC'::text))::date AS date,
            (- sum(t.amount)) AS used,
            count(*) AS rows
           FROM (credits.transactions t
             JOIN credits.usage_marks m ON (((m.user_id = t.user_id) AND (m.last_id >= t.id))))
          WHERE (t.type = 'usage'::credits.transaction_type)
          GROUP BY t.user_id, t.app_id, (((t.created_at AT TIME ZONE 'UTC'::text))::date)
        )
 SELECT COALESCE(s.user_id, l.user_id) AS account,
    format('%s of %s on %s'::text, figures.what, COALESCE(s.app_id, (l.app_id)::text), COALESCE(s.date, l.date)) AS what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM ((credits.usage_folds s
     FULL JOIN ledger l ON (((l.user_id = s.user_id) AND ((l.app_id)::text = s.app_id) AND (l.date = s.date))))
     CROSS JOIN LATERAL ( VALUES ('credits_used'::text,COALESCE(l.used, (0)::numeric),COALESCE(s.credits_used, (0)::numeric)), ('transactions_count'::text,COALESCE(l.rows, (0)::bigint),COALESCE(s.transactions_count, (0)::bigint))) figures(what, expected, actual))
  WHERE (figures.expected <> figures.actual);

ALTER VIEW reconcile.usage_stats_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW usage_stats_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.usage_stats_off_ledger IS 'Folded usage statistics that are not the sum of the usage in the ledger';

--
-- Name: accounts; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.accounts AS
 SELECT b.user_id,
    v.transaction_id AS verified_id,
    COALESCE(v.balance, (0)::numeric) AS balance
   FROM (credits.balances b
     LEFT JOIN LATERAL ( SELECT r.transaction_id,
            r.balance,
            r.total_in,
            r.total_out,
            r.version,
            r.seal_id
           FROM (credits.transactions t
             JOIN credits.reconciled_accounts r ON ((r.transaction_id = t.id)))
          WHERE (t.user_id = (b.user_id)::text)
          ORDER BY t.id DESC
         LIMIT 1) v ON (true))
  WHERE ((b.last_transaction_id IS NOT NULL) AND (NOT (EXISTS ( SELECT
           FROM credits.reconciled_accounts r
          WHERE (r.transaction_id = b.last_transaction_id)))));

ALTER VIEW reconcile_new.accounts OWNER TO credits_owner;

--
-- Name: VIEW accounts; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.accounts IS 'Personal accounts that moved since the last clean run, and where they were then; found by going back in the ledger to the newest verified row';

--
-- Name: balances_off_ledger; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.balances_off_ledger AS
 SELECT b.user_id AS account,
    figures.what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM ((((credits.balances b
     LEFT JOIN credits.reconciled_accounts unmoved ON ((unmoved.transaction_id = b.last_transaction_id)))
     LEFT JOIN LATERAL ( SELECT r.transaction_id,
            r.balance,
            r.total_in,
            r.total_out,
            r.version,
            r.seal_id
           FROM (credits.transactions t
             JOIN credits.reconciled_accounts r ON ((r.transaction_id = t.id)))
          WHERE (t.user_id = (b.user_id)::text)
          ORDER BY t.id DESC
         LIMIT 1) moved ON ((unmoved.transaction_id IS NULL)))
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(t.amount) FILTER (WHERE ((t.amount > (0)::numeric) AND (NOT t.reversal))), (0)::numeric) AS came_in,
            COALESCE((- sum(t.amount) FILTER (WHERE ((t.amount < (0)::numeric) OR t.reversal))), (0)::numeric) AS went_out,
            count(*) AS rows
           FROM credits.transactions t
          WHERE ((t.user_id = (b.user_id)::text) AND (t.id > COALESCE(unmoved.transaction_id, moved.transaction_id, '00000000-0000-0000-0000-000000000000'::uuid)))) since)
     CROSS JOIN LATERAL ( VALUES ('total_earned'::text,(COALESCE(unmoved.total_in, moved.total_in, (0)::numeric) + since.came_in),b.total_earned), ('total_spent'::text,(COALESCE(unmoved.total_out, moved.total_out, (0)::numeric) + since.went_out),b.total_spent), ('version'::text,(COALESCE(unmoved.version, moved.version, (0)::bigint) + since.rows),b.version), ('balance'::text,((b.total_earned - b.total_spent) - b.reserved),b.balance)) figures(what, expected, actual))
  WHERE (figures.expected <> figures.actual);

ALTER VIEW reconcile_new.balances_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW balances_off_ledger; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.balances_off_ledger IS 'balances_off_ledger: every balance against what was verified and the rows since';

--
-- Name: broken_chains; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.broken_chains AS
 WITH accounts AS MATERIALIZED (
         SELECT accounts.user_id,
            accounts.verified_id,
            accounts.balance
           FROM reconcile_new.accounts
        ), chain AS (
         SELECT a.user_id AS account,
            t.id,
            t.balance_before,
            (t.balance_before + t.amount) AS after_by_amount,
            t.balance_after,
            t.created_at,
            lag(t.balance_after, 1, a.balance) OVER account AS before_by_chain,
            lag(t.created_at, 1, t.created_at) OVER account AS created_at_before
           FROM (accounts a
             CROSS JOIN LATERAL ( SELECT transactions.user_id,
                    transactions.id,
                    transactions.type,
                    transactions.status,
                    transactions.amount,
                    transactions.balance_before,
                    transactions.balance_after,
                    transactions.reserved_after,
                    transactions.total_spent_after,
                    transactions.reversal,
                    transactions.app_id,
                    transactions.description,
                    transactions.metadata,
                    transactions.idempotency_key,
                    transactions.guild_id,
                    transactions.reference_id,
                    transactions.called_by,
                    transactions.created_at,
                    transactions.completed_at,
                    transactions.sequence,
                    transactions.request_id
                   FROM credits.transactions
                  WHERE ((transactions.user_id = (a.user_id)::text) AND (transactions.id > COALESCE(a.verified_id, '00000000-0000-0000-0000-000000000000'::uuid)))
                 OFFSET 0) t)
          WINDOW account AS (PARTITION BY a.user_id ORDER BY t.id)
        )
 SELECT c.account,
    format('%s of %s'::text, figures.what, c.id) AS what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM (chain c
     CROSS JOIN LATERAL ( VALUES ('balance_before'::text,c.before_by_chain,c.balance_before,(c.balance_before <> c.before_by_chain)), ('balance_after'::text,c.after_by_amount,c.balance_after,(c.balance_after <> c.after_by_amount)), ('seconds of created_at'::text,EXTRACT(epoch FROM c.created_at_before),EXTRACT(epoch FROM c.created_at),(c.created_at < c.created_at_before))) figures(what, expected, actual, is_off))
  WHERE (((c.balance_before <> c.before_by_chain) OR (c.balance_after <> c.after_by_amount) OR (c.created_at < c.created_at_before)) AND figures.is_off)
UNION ALL
 SELECT b.user_id AS account,
    format('the end of the chain, %s'::text, t.id) AS what,
    t.balance_after AS expected,
    (b.balance + b.reserved) AS actual,
    ((b.balance + b.reserved) - t.balance_after) AS difference
   FROM (credits.balances b
     CROSS JOIN LATERAL ( SELECT transactions.id,
            transactions.balance_after
           FROM credits.transactions
          WHERE (transactions.user_id = (b.user_id)::text)
          ORDER BY transactions.id DESC
         LIMIT 1) t)
  WHERE ((b.last_transaction_id IS DISTINCT FROM t.id) OR ((b.balance + b.reserved) <> t.balance_after))
UNION ALL
 SELECT a.user_id AS account,
    format('balance_after of %s, which was verified'::text, t.id) AS what,
    a.balance AS expected,
    t.balance_after AS actual,
    (t.balance_after - a.balance) AS difference
   FROM (accounts a
     JOIN credits.transactions t ON (((t.user_id = (a.user_id)::text) AND (t.id = a.verified_id))))
  WHERE (t.balance_after <> a.balance);

ALTER VIEW reconcile_new.broken_chains OWNER TO credits_owner;

--
-- Name: VIEW broken_chains; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.broken_chains IS 'broken_chains, from the last verified row of each account on, and the end of every chain';

--
-- Name: pools; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.pools AS
 SELECT p.organization_id,
    v.transaction_id AS verified_id,
    COALESCE(v.balance, (0)::numeric) AS balance
   FROM (credits.guild_pools p
     LEFT JOIN LATERAL ( SELECT r.transaction_id,
            r.balance,
            r.total_in,
            r.total_out,
            r.version,
            r.seal_id
           FROM (credits.guild_transactions g
             JOIN credits.reconciled_accounts r ON ((r.transaction_id = g.id)))
          WHERE (g.organization_id = (p.organization_id)::text)
          ORDER BY g.id DESC
         LIMIT 1) v ON (true))
  WHERE ((p.last_transaction_id IS NOT NULL) AND (NOT (EXISTS ( SELECT
           FROM credits.reconciled_accounts r
          WHERE (r.transaction_id = p.last_transaction_id)))));

ALTER VIEW reconcile_new.pools OWNER TO credits_owner;

--
-- Name: VIEW pools; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.pools IS 'Guild pools that moved since the last clean run, and where they were then; found by going back in the ledger to the newest verified row';

--
-- Name: broken_pool_chains; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.broken_pool_chains AS
 WITH accounts AS MATERIALIZED (
         SELECT pools.organization_id,
            pools.verified_id,
            pools.balance
           FROM reconcile_new.pools
        ), chain AS (
         SELECT a.organization_id AS account,
            t.id,
            t.balance_before,
            (t.balance_before + t.amount) AS after_by_amount,
            t.balance_after,
            t.created_at,
            lag(t.balance_after, 1, a.balance) OVER account AS before_by_chain,
            lag(t.created_at, 1, t.created_at) OVER account AS created_at_before
           FROM (accounts a
             CROSS JOIN LATERAL ( SELECT guild_transactions.organization_id,
                    guild_transactions.id,
                    guild_transactions.user_id,
                    guild_transactions.type,
                    guild_transactions.amount,
                    guild_transactions.balance_before,
                    guild_transactions.balance_after,
                    guild_transactions.reserved_after,
                    guild_transactions.total_spent_after,
                    guild_transactions.reversal,
                    guild_transactions.spending_day,
                    guild_transactions.app_id,
                    guild_transactions.description,
                    guild_transactions.metadata,
                    guild_transactions.idempotency_key,
                    guild_transactions.reference_id,
                    guild_transactions.called_by,
                    guild_transactions.created_at,
                    guild_transactions.sequence,
                    guild_transactions.request_id
                   FROM credits.guild_transactions
                  WHERE ((guild_transactions.organization_id = (a.organization_id)::text) AND (guild_transactions.id > COALESCE(a.verified_id, '00000000-0000-0000-0000-000000000000'::uuid)))
                 OFFSET 0) t)
          WINDOW account AS (PARTITION BY a.organization_id ORDER BY t.id)
        )
 SELECT c.account,
    format('%s of %s'::text, figures.what, c.id) AS what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM (chain c
     CROSS JOIN LATERAL ( VALUES ('balance_before'::text,c.before_by_chain,c.balance_before,(c.balance_before <> c.before_by_chain)), ('balance_after'::text,c.after_by_amount,c.balance_after,(c.balance_after <> c.after_by_amount)), ('seconds of created_at'::text,EXTRACT(epoch FROM c.created_at_before),EXTRACT(epoch FROM c.created_at),(c.created_at < c.created_at_before))) figures(what, expected, actual, is_off))
  WHERE (((c.balance_before <> c.before_by_chain) OR (c.balance_after <> c.after_by_amount) OR (c.created_at < c.created_at_before)) AND figures.is_off)
UNION ALL
 SELECT b.organization_id AS account,
    format('the end of the chain, %s'::text, t.id) AS what,
    t.balance_after AS expected,
    (b.balance + b.reserved) AS actual,
    ((b.balance + b.reserved) - t.balance_after) AS difference
   FROM (credits.guild_pools b
     CROSS JOIN LATERAL ( SELECT guild_transactions.id,
            guild_transactions.balance_after
           FROM credits.guild_transactions
          WHERE (guild_transactions.organization_id = (b.organization_id)::text)
          ORDER BY guild_transactions.id DESC
         LIMIT 1) t)
  WHERE ((b.last_transaction_id IS DISTINCT FROM t.id) OR ((b.balance + b.reserved) <> t.balance_after))
UNION ALL
 SELECT a.organization_id AS account,
    format('balance_after of %s, which was verified'::text, t.id) AS what,
    a.balance AS expected,
    t.balance_after AS actual,
    (t.balance_after - a.balance) AS difference
   FROM (accounts a
     JOIN credits.guild_transactions t ON (((t.organization_id = (a.organization_id)::text) AND (t.id = a.verified_id))))
  WHERE (t.balance_after <> a.balance);

ALTER VIEW reconcile_new.broken_pool_chains OWNER TO credits_owner;

--
-- Name: VIEW broken_pool_chains; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.broken_pool_chains IS 'broken_pool_chains, from the last verified row of each pool on, and the end of every chain';

--
-- Name: broken_pool_seals; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.broken_pool_seals AS
 WITH accounts AS (
         SELECT b.organization_id,
            r.seal_id AS verified_id
           FROM (credits.guild_pools b
             JOIN credits.reconciled_accounts r ON ((r.transaction_id = b.last_transaction_id)))
        UNION ALL
         SELECT a.organization_id,
            r.seal_id
           FROM (reconcile_new.pools a
             LEFT JOIN credits.reconciled_accounts r ON ((r.transaction_id = a.verified_id)))
        )
 SELECT a.organization_id AS account,
    format('rows %s to %s'::text, (p.after_sequence + 1), p.sequence) AS what,
    encode(p.hash, 'hex'::text) AS expected,
    encode(c.hash, 'hex'::text) AS actual,
    (c.rows - (p.sequence - p.after_sequence)) AS difference
   FROM ((accounts a
     CROSS JOIN LATERAL ( SELECT s.id,
            s.sequence,
            s.hash,
            lag(s.id) OVER account AS after_id,
            lag(s.sequence, 1, (0)::bigint) OVER account AS after_sequence,
            lag(s.hash) OVER account AS after_hash
           FROM credits.guild_seals s
          WHERE ((s.organization_id = (a.organization_id)::text) AND (s.id >= COALESCE(a.verified_id, '00000000-0000-0000-0000-000000000000'::uuid)))
          WINDOW account AS (ORDER BY s.id)) p)
     CROSS JOIN LATERAL credits.hash_guild_transactions((a.organization_id)::text, p.after_id, p.id, p.after_hash) c(rows, id, sequence, hash))
  WHERE ((p.id IS DISTINCT FROM a.verified_id) AND ((c.hash <> p.hash) OR (c.id IS DISTINCT FROM p.id) OR (c.sequence <> p.sequence)))
UNION ALL
 SELECT a.organization_id AS account,
    format('the seal of %s, which was verified'::text, a.verified_id) AS what,
    NULL::text AS expected,
    NULL::text AS actual,
    '-1'::integer AS difference
   FROM accounts a
  WHERE ((a.verified_id IS NOT NULL) AND (NOT (EXISTS ( SELECT
           FROM credits.guild_seals s
          WHERE ((s.organization_id = (a.organization_id)::text) AND (s.id = a.verified_id))))));

ALTER VIEW reconcile_new.broken_pool_seals OWNER TO credits_owner;

--
-- Name: VIEW broken_pool_seals; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.broken_pool_seals IS 'broken_pool_seals, from the last verified seal of each account on';

--
-- Name: broken_seals; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.broken_seals AS
 WITH accounts AS (
         SELECT b.user_id,
            r.seal_id AS verified_id
           FROM (credits.balances b
             JOIN credits.reconciled_accounts r ON ((r.transaction_id = b.last_transaction_id)))
        UNION ALL
         SELECT a.user_id,
            r.seal_id
           FROM (reconcile_new.accounts a
             LEFT JOIN credits.reconciled_accounts r ON ((r.transaction_id = a.verified_id)))
        )
 SELECT a.user_id AS account,
    format('rows %s to %s'::text, (p.after_sequence + 1), p.sequence) AS what,
    encode(p.hash, 'hex'::text) AS expected,
    encode(c.hash, 'hex'::text) AS actual,
    (c.rows - (p.sequence - p.after_sequence)) AS difference
   FROM ((accounts a
     CROSS JOIN LATERAL ( SELECT s.id,
            s.sequence,
            s.hash,
            lag(s.id) OVER account AS after_id,
            lag(s.sequence, 1, (0)::bigint) OVER account AS after_sequence,
            lag(s.hash) OVER account AS after_hash
           FROM credits.seals s
          WHERE ((s.user_id = (a.user_id)::text) AND (s.id >= COALESCE(a.verified_id, '00000000-0000-0000-0000-000000000000'::uuid)))
          WINDOW account AS (ORDER BY s.id)) p)
     CROSS JOIN LATERAL credits.hash_transactions((a.user_id)::text, p.after_id, p.id, p.after_hash) c(rows, id, sequence, hash))
  WHERE ((p.id IS DISTINCT FROM a.verified_id) AND ((c.hash <> p.hash) OR (c.id IS DISTINCT FROM p.id) OR (c.sequence <> p.sequence)))
UNION ALL
 SELECT a.user_id AS account,
    format('the seal of %s, which was verified'::text, a.verified_id) AS what,
    NULL::text AS expected,
    NULL::text AS actual,
    '-1'::integer AS difference
   FROM accounts a
  WHERE ((a.verified_id IS NOT NULL) AND (NOT (EXISTS ( SELECT
           FROM credits.seals s
          WHERE ((s.user_id = (a.user_id)::text) AND (s.id = a.verified_id))))));

ALTER VIEW reconcile_new.broken_seals OWNER TO credits_owner;

--
-- Name: VIEW broken_seals; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.broken_seals IS 'broken_seals, from the last verified seal of each account on';

--
-- Name: transactions; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.transactions AS
 SELECT t.user_id,
    t.id,
    t.type,
    t.status,
    t.amount,
    t.balance_before,
    t.balance_after,
    t.reserved_after,
    t.total_spent_after,
    t.reversal,
    t.app_id,
    t.description,
    t.metadata,
    t.idempotency_key,
    t.guild_id,
    t.reference_id,
    t.called_by,
    t.created_at,
    t.completed_at,
    t.sequence,
    t.request_id,
    t.reference
   FROM (reconcile_new.accounts a
     CROSS JOIN LATERAL ( SELECT t_1.user_id,
            t_1.id,
            t_1.type,
            t_1.status,
            t_1.amount,
            t_1.balance_before,
            t_1.balance_after,
            t_1.reserved_after,
            t_1.total_spent_after,
            t_1.reversal,
            t_1.app_id,
            t_1.description,
            t_1.metadata,
            t_1.idempotency_key,
            t_1.guild_id,
            t_1.reference_id,
            t_1.called_by,
            t_1.created_at,
            t_1.completed_at,
            t_1.sequence,
            t_1.request_id,
                CASE
                    WHEN (t_1.reference_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'::text) THEN (t_1.reference_id)::uuid
                    ELSE NULL::uuid
                END AS reference
           FROM credits.transactions t_1
          WHERE ((t_1.user_id = (a.user_id)::text) AND (t_1.id > COALESCE(a.verified_id, '00000000-0000-0000-0000-000000000000'::uuid)))
         OFFSET 0) t);

ALTER VIEW reconcile_new.transactions OWNER TO credits_owner;

--
-- Name: VIEW transactions; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.transactions IS 'Rows of personal ledgers that are newer than the last clean run, with what they refer to as an id';

--
-- Name: clawbacks_off_ledger; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.clawbacks_off_ledger AS
 WITH clawed_back AS (
         SELECT t.user_id,
            t.reference_id,
            (- sum(t.amount)) AS amount
           FROM (( SELECT DISTINCT transactions.user_id
                   FROM reconcile_new.transactions
                  WHERE (transactions.type = 'clawback'::credits.transaction_type)) a
             JOIN credits.transactions t ON (((t.user_id = a.user_id) AND (t.type = 'clawback'::credits.transaction_type))))
          GROUP BY t.user_id, t.reference_id
        )
 SELECT c.user_id AS account,
    format('clawed back for purchase %s'::text, c.reference_id) AS what,
    COALESCE(p.clawed_back_credits, (0)::numeric) AS expected,
    c.amount AS actual,
    (c.amount - COALESCE(p.clawed_back_credits, (0)::numeric)) AS difference
   FROM (clawed_back c
     LEFT JOIN credits.purchases p ON ((((p.user_id)::text = c.user_id) AND ((p.id)::text = c.reference_id))))
  WHERE (c.amount <> COALESCE(p.clawed_back_credits, (0)::numeric))
UNION ALL
 SELECT c.user_id AS account,
    'clawed_back'::text AS what,
    sum(c.amount) AS expected,
    b.clawed_back AS actual,
    (b.clawed_back - sum(c.amount)) AS difference
   FROM (clawed_back c
     JOIN credits.balances b ON (((b.user_id)::text = c.user_id)))
  GROUP BY c.user_id, b.clawed_back
 HAVING (b.clawed_back <> sum(c.amount));

ALTER VIEW reconcile_new.clawbacks_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW clawbacks_off_ledger; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.clawbacks_off_ledger IS 'clawbacks_off_ledger, of accounts with a clawback since the last clean run';

--
-- Name: guild_transactions; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.guild_transactions AS
 SELECT g.organization_id,
    g.id,
    g.user_id,
    g.type,
    g.amount,
    g.balance_before,
    g.balance_after,
    g.reserved_after,
    g.total_spent_after,
    g.reversal,
    g.spending_day,
    g.app_id,
    g.description,
    g.metadata,
    g.idempotency_key,
    g.reference_id,
    g.called_by,
    g.created_at,
    g.sequence,
    g.request_id,
    g.reference
   FROM (reconcile_new.pools a
     CROSS JOIN LATERAL ( SELECT g_1.organization_id,
            g_1.id,
            g_1.user_id,
            g_1.type,
            g_1.amount,
            g_1.balance_before,
            g_1.balance_after,
            g_1.reserved_after,
            g_1.total_spent_after,
            g_1.reversal,
            g_1.spending_day,
            g_1.app_id,
            g_1.description,
            g_1.metadata,
            g_1.idempotency_key,
            g_1.reference_id,
            g_1.called_by,
            g_1.created_at,
            g_1.sequence,
            g_1.request_id,
                CASE
                    WHEN (g_1.reference_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'::text) THEN (g_1.reference_id)::uuid
                    ELSE NULL::uuid
                END AS reference
           FROM credits.guild_transactions g_1
          WHERE ((g_1.organization_id = (a.organization_id)::text) AND (g_1.id > COALESCE(a.verified_id, '00000000-0000-0000-0000-000000000000'::uuid)))
         OFFSET 0) g);

ALTER VIEW reconcile_new.guild_transactions OWNER TO credits_owner;

--
-- Name: VIEW guild_transactions; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.guild_transactions IS 'Rows of pools'' ledgers that are newer than the last clean run, with what they refer to as an id';

--
-- Name: credits_not_conserved; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.credits_not_conserved AS
 WITH entered AS (
         SELECT ((COALESCE(( SELECT reconciliations.credits_held
                   FROM credits.reconciliations
                  WHERE reconciliations.clean
                  ORDER BY reconciliations.id DESC
                 LIMIT 1), (0)::numeric) + ( SELECT COALESCE(sum(transactions.amount), (0)::numeric) AS "coalesce"
                   FROM reconcile_new.transactions
                  WHERE (transactions.type <> ALL (ARRAY['gift'::credits.transaction_type, 'guild_funding'::credits.transaction_type])))) + ( SELECT COALESCE(sum(guild_transactions.amount), (0)::numeric) AS "coalesce"
                   FROM reconcile_new.guild_transactions
                  WHERE (guild_transactions.type <> 'funding'::credits.guild_transaction_type))) AS credits
        )
 SELECT 'everybody'::text AS account,
    'credits in balances, pools, gifts and reservations'::text AS what,
    e.credits AS expected,
    h.total AS actual,
    (h.total - e.credits) AS difference
   FROM (entered e
     CROSS JOIN credits.holdings h)
  WHERE (e.credits <> h.total);

ALTER VIEW reconcile_new.credits_not_conserved OWNER TO credits_owner;

--
-- Name: VIEW credits_not_conserved; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.credits_not_conserved IS 'credits_not_conserved: what was held at the last clean run and what came in since, less what left';

--
-- Name: fundings_off; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.fundings_off AS
 SELECT t.guild_id AS account,
    format('funding by %s'::text, t.user_id) AS what,
    (- t.amount) AS expected,
    COALESCE(g.amount, (0)::numeric) AS actual,
    (COALESCE(g.amount, (0)::numeric) + t.amount) AS difference
   FROM (reconcile_new.transactions t
     LEFT JOIN credits.guild_transactions g ON (((g.organization_id = t.guild_id) AND (g.id = t.reference) AND (g.user_id = t.user_id) AND (g.type = 'funding'::credits.guild_transaction_type))))
  WHERE ((t.type = 'guild_funding'::credits.transaction_type) AND (COALESCE(g.amount, (0)::numeric) <> (- t.amount)))
UNION ALL
 SELECT g.organization_id AS account,
    format('funding by %s'::text, g.user_id) AS what,
    COALESCE((- t.amount), (0)::numeric) AS expected,
    g.amount AS actual,
    (g.amount + COALESCE(t.amount, (0)::numeric)) AS difference
   FROM (reconcile_new.guild_transactions g
     LEFT JOIN credits.transactions t ON (((t.user_id = g.user_id) AND (t.id = g.reference) AND (t.guild_id = g.organization_id) AND (t.type = 'guild_funding'::credits.transaction_type))))
  WHERE ((g.type = 'funding'::credits.guild_transaction_type) AND (COALESCE((- t.amount), (0)::numeric) <> g.amount));

ALTER VIEW reconcile_new.fundings_off OWNER TO credits_owner;

--
-- Name: VIEW fundings_off; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.fundings_off IS 'fundings_off, of what was funded since the last clean run';

--
-- Name: gifts_off_ledger; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.gifts_off_ledger AS
 WITH accounts AS MATERIALIZED (
         SELECT accounts.user_id,
            accounts.verified_id
           FROM reconcile_new.accounts
        ), posted AS MATERIALIZED (
         SELECT transactions.user_id,
            transactions.id,
            transactions.type,
            transactions.status,
            transactions.amount,
            transactions.balance_before,
            transactions.balance_after,
            transactions.reserved_after,
            transactions.total_spent_after,
            transactions.reversal,
            transactions.app_id,
            transactions.description,
            transactions.metadata,
            transactions.idempotency_key,
            transactions.guild_id,
            transactions.reference_id,
            transactions.called_by,
            transactions.created_at,
            transactions.completed_at,
            transactions.sequence,
            transactions.request_id,
            transactions.reference
           FROM reconcile_new.transactions
          WHERE (transactions.type = 'gift'::credits.transaction_type)
        ), told AS (
         SELECT g_1.code,
            'total_credits'::text AS what,
            g_1.creator_id AS user_id,
            g_1.reservation_transaction_id AS transaction_id,
            (- g_1.total_credits) AS amount
           FROM (accounts a
             JOIN gifts.gift_codes g_1 ON (((g_1.creator_id)::text = (a.user_id)::text)))
          WHERE ((a.verified_id IS NULL) OR (g_1.reservation_transaction_id > a.verified_id))
        UNION ALL
         SELECT g_1.code,
            'refunded_credits'::text AS what,
            g_1.creator_id,
            g_1.refund_transaction_id,
            g_1.refunded_credits
           FROM (accounts a
             JOIN gifts.gift_codes g_1 ON (((g_1.creator_id)::text = (a.user_id)::text)))
          WHERE ((g_1.refunded_credits > (0)::numeric) AND ((a.verified_id IS NULL) OR (g_1.refund_transaction_id > a.verified_id)))
        UNION ALL
         SELECT r.code,
            'credits claimed'::text AS what,
            r.redeemer_user_id,
            r.credit_transaction_id,
            r.credits_received
           FROM (accounts a
             JOIN gifts.gift_redemptions r ON (((r.redeemer_user_id)::text = (a.user_id)::text)))
          WHERE ((r.status = 'success'::gifts.redemption_status) AND ((a.verified_id IS NULL) OR (r.credit_transaction_id > a.verified_id)))
        )
 SELECT COALESCE(g.code, p.reference_id) AS account,
    COALESCE(g.what, format('ledger row %s of %s'::text, p.id, p.user_id)) AS what,
    COALESCE(p.amount, (0)::numeric) AS expected,
    COALESCE(g.amount, (0)::numeric) AS actual,
    (COALESCE(g.amount, (0)::numeric) - COALESCE(p.amount, (0)::numeric)) AS difference
   FROM (told g
     FULL JOIN posted p ON (((p.user_id = (g.user_id)::text) AND (p.id = g.transaction_id))))
  WHERE (COALESCE(g.amount, (0)::numeric) <> COALESCE(p.amount, (0)::numeric));

ALTER VIEW reconcile_new.gifts_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW gifts_off_ledger; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.gifts_off_ledger IS 'gifts_off_ledger, of what was charged, paid back and claimed since the last clean run';

--
-- Name: member_spending_off_ledger; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.member_spending_off_ledger AS
 WITH touched AS (
         SELECT DISTINCT guild_transactions.organization_id,
            guild_transactions.user_id,
            guild_transactions.spending_day AS day
           FROM reconcile_new.guild_transactions
          WHERE (guild_transactions.spending_day IS NOT NULL)
        ), ledger AS (
         SELECT d.organization_id,
            d.user_id,
            d.day,
            ( SELECT COALESCE((- sum(g.amount)), (0)::numeric) AS "coalesce"
                   FROM credits.guild_transactions g
                  WHERE ((g.user_id = d.user_id) AND (g.organization_id = d.organization_id) AND (g.spending_day = d.day) AND (g.id >= ((lpad(to_hex(((EXTRACT(epoch FROM (d.day - 2)) * (1000)::numeric))::bigint), 12, '0'::text) || repeat('0'::text, 20)))::uuid))) AS spent
           FROM touched d
        )
 SELECT l.organization_id AS account,
    format('spending of %s on %s'::text, l.user_id, l.day) AS what,
    l.spent AS expected,
    COALESCE(m.spent, (0)::numeric) AS actual,
    (COALESCE(m.spent, (0)::numeric) - l.spent) AS difference
   FROM (ledger l
     LEFT JOIN credits.guild_member_spending m ON (((m.organization_id = l.organization_id) AND (m.user_id = l.user_id) AND (m.day = l.day))))
  WHERE (COALESCE(m.spent, (0)::numeric) <> l.spent);

ALTER VIEW reconcile_new.member_spending_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW member_spending_off_ledger; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.member_spending_off_ledger IS 'member_spending_off_ledger, of the members and days that were used since the last clean run';

--
-- Name: pools_off_ledger; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.pools_off_ledger AS
 SELECT b.organization_id AS account,
    figures.what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM ((((credits.guild_pools b
     LEFT JOIN credits.reconciled_accounts unmoved ON ((unmoved.transaction_id = b.last_transaction_id)))
     LEFT JOIN LATERAL ( SELECT r.transaction_id,
            r.balance,
            r.total_in,
            r.total_out,
            r.version,
            r.seal_id
           FROM (credits.guild_transactions t
             JOIN credits.reconciled_accounts r ON ((r.transaction_id = t.id)))
          WHERE (t.organization_id = (b.organization_id)::text)
          ORDER BY t.id DESC
         LIMIT 1) moved ON ((unmoved.transaction_id IS NULL)))
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(t.amount) FILTER (WHERE ((t.amount > (0)::numeric) AND (NOT t.reversal))), (0)::numeric) AS came_in,
            COALESCE((- sum(t.amount) FILTER (WHERE ((t.amount < (0)::numeric) OR t.reversal))), (0)::numeric) AS went_out,
            count(*) AS rows
           FROM credits.guild_transactions t
          WHERE ((t.organization_id = (b.organization_id)::text) AND (t.id > COALESCE(unmoved.transaction_id, moved.transaction_id, '00000000-0000-0000-0000-000000000000'::uuid)))) since)
     CROSS JOIN LATERAL ( VALUES ('total_funded'::text,(COALESCE(unmoved.total_in, moved.total_in, (0)::numeric) + since.came_in),b.total_funded), ('total_spent'::text,(COALESCE(unmoved.total_out, moved.total_out, (0)::numeric) + since.went_out),b.total_spent), ('version'::text,(COALESCE(unmoved.version, moved.version, (0)::bigint) + since.rows),b.version), ('balance'::text,((b.total_funded - b.total_spent) - b.reserved),b.balance)) figures(what, expected, actual))
  WHERE (figures.expected <> figures.actual);

ALTER VIEW reconcile_new.pools_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW pools_off_ledger; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.pools_off_ledger IS 'pools_off_ledger: every pool against what was verified and the rows since';

--
-- Name: purchases_off_ledger; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.purchases_off_ledger AS
 SELECT COALESCE((p.user_id)::text, t.user_id) AS account,
    format('purchase %s'::text, COALESCE((p.id)::text, t.reference_id)) AS what,
    COALESCE(p.credits, (0)::numeric) AS expected,
    COALESCE(t.amount, (0)::numeric) AS actual,
    (COALESCE(t.amount, (0)::numeric) - COALESCE(p.credits, (0)::numeric)) AS difference
   FROM (( SELECT p_1.user_id,
            p_1.id,
            p_1.package_id,
            p_1.package_name,
            p_1.credits,
            p_1.price_euro_cents,
            p_1.currency,
            p_1.status,
            p_1.failure_reason,
            p_1.stripe_payment_intent_id,
            p_1.stripe_checkout_session_id,
            p_1.stripe_customer_id,
            p_1.transaction_id,
            p_1.refunded_cents,
            p_1.clawed_back_credits,
            p_1.metadata,
            p_1.created_at,
            p_1.updated_at,
            p_1.completed_at
           FROM (reconcile_new.accounts a
             JOIN credits.purchases p_1 ON (((p_1.user_id)::text = (a.user_id)::text)))
          WHERE ((p_1.status = 'completed'::credits.purchase_status) AND ((a.verified_id IS NULL) OR (p_1.transaction_id > a.verified_id)))) p
     FULL JOIN ( SELECT transactions.user_id,
            transactions.id,
            transactions.type,
            transactions.status,
            transactions.amount,
            transactions.balance_before,
            transactions.balance_after,
            transactions.reserved_after,
            transactions.total_spent_after,
            transactions.reversal,
            transactions.app_id,
            transactions.description,
            transactions.metadata,
            transactions.idempotency_key,
            transactions.guild_id,
            transactions.reference_id,
            transactions.called_by,
            transactions.created_at,
            transactions.completed_at,
            transactions.sequence,
            transactions.request_id,
            transactions.reference
           FROM reconcile_new.transactions
          WHERE (transactions.type = 'purchase'::credits.transaction_type)) t ON (((t.user_id = (p.user_id)::text) AND (t.reference = p.id))))
  WHERE ((COALESCE(p.credits, (0)::numeric) <> COALESCE(t.amount, (0)::numeric)) OR (p.transaction_id IS DISTINCT FROM t.id));

ALTER VIEW reconcile_new.purchases_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW purchases_off_ledger; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.purchases_off_ledger IS 'purchases_off_ledger, of what was credited since the last clean run';

--
-- Name: refunds_over_usage; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.refunds_over_usage AS
 WITH refunded AS (
         SELECT DISTINCT transactions.user_id AS account,
            false AS of_guild,
            transactions.reference_id,
            transactions.reference
           FROM reconcile_new.transactions
          WHERE ((transactions.type = 'refund'::credits.transaction_type) AND (transactions.reference_id IS NOT NULL))
        UNION ALL
         SELECT DISTINCT guild_transactions.organization_id,
            true,
            guild_transactions.reference_id,
            guild_transactions.reference
           FROM reconcile_new.guild_transactions
          WHERE (guild_transactions.type = 'refund'::credits.guild_transaction_type)
        ), figures AS (
         SELECT r.account,
            r.reference_id,
                CASE
                    WHEN r.of_guild THEN ( SELECT COALESCE((- sum(g.amount)), (0)::numeric) AS "coalesce"
                       FROM credits.guild_transactions g
                      WHERE ((g.organization_id = r.account) AND (g.id = r.reference) AND (g.type = 'usage'::credits.guild_transaction_type)))
                    ELSE ( SELECT COALESCE((- sum(t.amount)), (0)::numeric) AS "coalesce"
                       FROM credits.transactions t
                      WHERE ((t.user_id = r.account) AND (t.id = r.reference) AND (t.type = 'usage'::credits.transaction_type)))
                END AS used,
                CASE
                    WHEN r.of_guild THEN ( SELECT sum(g.amount) AS sum
                       FROM credits.guild_transactions g
                      WHERE ((g.organization_id = r.account) AND (g.reference_id = r.reference_id) AND (g.type = 'refund'::credits.guild_transaction_type)))
                    ELSE ( SELECT sum(t.amount) AS sum
                       FROM credits.transactions t
                      WHERE ((t.user_id = r.account) AND (t.reference_id = r.reference_id) AND (t.type = 'refund'::credits.transaction_type)))
                END AS given_back
           FROM refunded r
        )
 SELECT account,
    format('refunds of %s'::text, reference_id) AS what,
    used AS expected,
    given_back AS actual,
    (given_back - used) AS difference
   FROM figures
  WHERE (given_back > used);

ALTER VIEW reconcile_new.refunds_over_usage OWNER TO credits_owner;

--
-- Name: VIEW refunds_over_usage; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.refunds_over_usage IS 'refunds_over_usage, of usages that were refunded since the last clean run';

--
-- Name: reservations_off_ledger; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.reservations_off_ledger AS
 WITH committed AS (
         SELECT transactions.user_id AS account_id,
            false AS of_guild,
            transactions.id,
            transactions.reference_id,
            (- transactions.amount) AS amount
           FROM reconcile_new.transactions
          WHERE ((transactions.type = 'usage'::credits.transaction_type) AND (transactions.reference_id IS NOT NULL))
        UNION ALL
         SELECT guild_transactions.organization_id,
            true,
            guild_transactions.id,
            guild_transactions.reference_id,
            (- guild_transactions.amount)
           FROM reconcile_new.guild_transactions
          WHERE ((guild_transactions.type = 'usage'::credits.guild_transaction_type) AND (guild_transactions.reference_id IS NOT NULL))
        ), ended AS (
         SELECT r_1.account_id,
            r_1.id,
            r_1.user_id,
            r_1.organization_id,
            r_1.amount,
            r_1.status,
            r_1.committed_amount,
            r_1.app_id,
            r_1.reason,
            r_1.idempotency_key,
            r_1.spending_day,
            r_1.transaction_id,
            r_1.balance_after_hold,
            r_1.balance_after_end,
            r_1.called_by,
            r_1.created_at,
            r_1.expires_at,
            r_1.ended_at
           FROM (reconcile_new.accounts a
             JOIN credits.reservations r_1 ON ((((r_1.account_id)::text = (a.user_id)::text) AND (r_1.organization_id IS NULL))))
          WHERE ((r_1.status = 'committed'::credits.reservation_status) AND ((a.verified_id IS NULL) OR (r_1.transaction_id > a.verified_id)))
        UNION ALL
         SELECT r_1.account_id,
            r_1.id,
            r_1.user_id,
            r_1.organization_id,
            r_1.amount,
            r_1.status,
            r_1.committed_amount,
            r_1.app_id,
            r_1.reason,
            r_1.idempotency_key,
            r_1.spending_day,
            r_1.transaction_id,
            r_1.balance_after_hold,
            r_1.balance_after_end,
            r_1.called_by,
            r_1.created_at,
            r_1.expires_at,
            r_1.ended_at
           FROM (reconcile_new.pools p
             JOIN credits.reservations r_1 ON ((((r_1.account_id)::text = (p.organization_id)::text) AND (r_1.organization_id IS NOT NULL))))
          WHERE ((r_1.status = 'committed'::credits.reservation_status) AND ((p.verified_id IS NULL) OR (r_1.transaction_id > p.verified_id)))
        )
 SELECT COALESCE((r.account_id)::text, c.account_id) AS account,
    format('reservation %s'::text, COALESCE((r.id)::text, c.reference_id)) AS what,
    COALESCE(r.committed_amount, (0)::numeric) AS expected,
    COALESCE(c.amount, (0)::numeric) AS actual,
    (COALESCE(c.amount, (0)::numeric) - COALESCE(r.committed_amount, (0)::numeric)) AS difference
   FROM (ended r
     FULL JOIN committed c ON (((c.account_id = (r.account_id)::text) AND (c.of_guild = (r.organization_id IS NOT NULL)) AND (c.id = r.transaction_id))))
  WHERE ((COALESCE(r.committed_amount, (0)::numeric) <> COALESCE(c.amount, (0)::numeric)) OR (c.reference_id IS DISTINCT FROM (r.id)::text));

ALTER VIEW reconcile_new.reservations_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW reservations_off_ledger; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.reservations_off_ledger IS 'reservations_off_ledger, of what was committed since the last clean run';

--
-- Name: usage_stats_off_ledger; Type: VIEW; Schema: reconcile_new; Owner: credits_owner
--

CREATE VIEW reconcile_new.usage_stats_off_ledger AS
 WITH touched AS MATERIALIZED (
         SELECT DISTINCT t.user_id,
            ((t.created_at AT TIME ZONE 'UTC'::text))::date AS date,
            m.last_id
           FROM (reconcile_new.transactions t
             JOIN credits.usage_marks m ON (((m.user_id = t.user_id) AND (m.last_id >= t.id))))
          WHERE (t.type = 'usage'::credits.transaction_type)
        ), ledger AS (
         SELECT d.user_id,
            l_1.app_id,
            d.date,
            l_1.used,
            l_1.rows
           FROM (touched d
             CROSS JOIN LATERAL ( SELECT t.app_id,
                    (- sum(t.amount)) AS used,
                    count(*) AS rows
                   FROM credits.transactions t
                  WHERE ((t.user_id = d.user_id) AND (t.id >= ((lpad(to_hex((((EXTRACT(epoch FROM d.date) * (1000)::numeric))::bigint - 3600000)), 12, '0'::text) || repeat('0'::text, 20)))::uuid) AND (t.id < ((lpad(to_hex((((EXTRACT(epoch FROM (d.date + 1)) * (1000)::numeric))::bigint + 3600000)), 12, '0'::text) || repeat('0'::text, 20)))::uuid) AND (t.id <= d.last_id) AND (t.type = 'usage'::credits.transaction_type) AND (((t.created_at AT TIME ZONE 'UTC'::text))::date = d.date))
                  GROUP BY t.app_id) l_1)
        ), stats AS (
         SELECT s_1.user_id,
            s_1.app_id,
            s_1.date,
            s_1.credits_used,
            s_1.transactions_count
           FROM (touched d
             JOIN credits.usage_folds s_1 ON (((s_1.user_id = d.user_id) AND (s_1.date = d.date))))
        )
 SELECT COALESCE(s.user_id, l.user_id) AS account,
    format('%s of %s on %s'::text, figures.what, COALESCE(s.app_id, (l.app_id)::text), COALESCE(s.date, l.date)) AS what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM ((stats s
     FULL JOIN ledger l ON (((l.user_id = s.user_id) AND ((l.app_id)::text = s.app_id) AND (l.date = s.date))))
     CROSS JOIN LATERAL ( VALUES ('credits_used'::text,COALESCE(l.used, (0)::numeric),COALESCE(s.credits_used, (0)::numeric)), ('transactions_count'::text,COALESCE(l.rows, (0)::bigint),COALESCE(s.transactions_count, (0)::bigint))) figures(what, expected, actual))
  WHERE (figures.expected <> figures.actual);

ALTER VIEW reconcile_new.usage_stats_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW usage_stats_off_ledger; Type: COMMENT; Schema: reconcile_new; Owner: credits_owner
--

COMMENT ON VIEW reconcile_new.usage_stats_off_ledger IS 'usage_stats_off_ledger, of the people and days that were used since the last clean run';

--
-- Name: attempts attempts_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (subject, kind);

--
-- Name: balances balances_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.balances
    ADD CONSTRAINT balances_pkey PRIMARY KEY (user_id);

--
-- Name: dated_credits dated_credits_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.dated_credits
    ADD CONSTRAINT dated_credits_pkey PRIMARY KEY (user_id, id);

--
-- Name: dated_movements dated_movements_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.dated_movements
    ADD CONSTRAINT dated_movements_pkey PRIMARY KEY (user_id, id);

--
-- Name: deployed deployed_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.deployed
    ADD CONSTRAINT deployed_pkey PRIMARY KEY (kind, object);

--
-- Name: event_consumers event_consumers_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.event_consumers
    ADD CONSTRAINT event_consumers_pkey PRIMARY KEY (consumer);

--
-- Name: event_log event_log_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.event_log
    ADD CONSTRAINT event_log_pkey PRIMARY KEY (only_row);

--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");

--
-- Name: figures figures_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.figures
    ADD CONSTRAINT figures_pkey PRIMARY KEY (only_row);

--
-- Name: guild_member_spending guild_member_spending_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.guild_member_spending
    ADD CONSTRAINT guild_member_spending_pkey PRIMARY KEY (organization_id, user_id, day);

--
-- Name: guild_pools guild_pools_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.guild_pools
    ADD CONSTRAINT guild_pools_pkey PRIMARY KEY (organization_id);

--
-- Name: guild_seals guild_seals_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.guild_seals
    ADD CONSTRAINT guild_seals_pkey PRIMARY KEY (organization_id, id);

--
-- Name: guild_spending_limits guild_spending_limits_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.guild_spending_limits
    ADD CONSTRAINT guild_spending_limits_pkey PRIMARY KEY (organization_id, user_id);

--
-- Name: guild_transactions guild_transactions_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.guild_transactions
    ADD CONSTRAINT guild_transactions_pkey PRIMARY KEY (organization_id, id);

--
-- Name: job_claims job_claims_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.job_claims
    ADD CONSTRAINT job_claims_pkey PRIMARY KEY (name);

--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (number);

--
-- Name: packages packages_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.packages
    ADD CONSTRAINT packages_pkey PRIMARY KEY (id);

--
-- Name: purchase_disputes purchase_disputes_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.purchase_disputes
    ADD CONSTRAINT purchase_disputes_pkey PRIMARY KEY (user_id, purchase_id, stripe_dispute_id);

--
-- Name: purchases purchases_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.purchases
    ADD CONSTRAINT purchases_pkey PRIMARY KEY (user_id, id);

--
-- Name: reconciled_accounts reconciled_accounts_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.reconciled_accounts
    ADD CONSTRAINT reconciled_accounts_pkey PRIMARY KEY (transaction_id);

--
-- Name: reconciliations reconciliations_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.reconciliations
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY (id);

--
-- Name: reservations reservations_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (account_id, id);

--
-- Name: seals seals_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.seals
    ADD CONSTRAINT seals_pkey PRIMARY KEY (user_id, id);

--
-- Name: service_cap_usage service_cap_usage_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.service_cap_usage
    ADD CONSTRAINT service_cap_usage_pkey PRIMARY KEY (caller, day);

--
-- Name: service_caps service_caps_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.service_caps
    ADD CONSTRAINT service_caps_pkey PRIMARY KEY (caller);

--
-- Name: settings settings_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (only_row);

--
-- Name: stripe_customer_deletions stripe_customer_deletions_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.stripe_customer_deletions
    ADD CONSTRAINT stripe_customer_deletions_pkey PRIMARY KEY (stripe_customer_id);

--
-- Name: stripe_customers stripe_customers_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.stripe_customers
    ADD CONSTRAINT stripe_customers_pkey PRIMARY KEY (user_id);

--
-- Name: transactions transactions_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.transactions
    ADD CONSTRAINT transactions_pkey PRIMARY KEY (user_id, id);

--
-- Name: usage_folds usage_folds_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.usage_folds
    ADD CONSTRAINT usage_folds_pkey PRIMARY KEY (user_id, date, app_id);

--
-- Name: usage_marks usage_marks_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.usage_marks
    ADD CONSTRAINT usage_marks_pkey PRIMARY KEY (user_id);

--
-- Name: webhook_secrets webhook_secrets_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.webhook_secrets
    ADD CONSTRAINT webhook_secrets_pkey PRIMARY KEY (consumer);

--
-- Name: webhooks webhooks_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (consumer);

--
-- Name: gift_codes gift_codes_pkey; Type: CONSTRAINT; Schema: gifts; Owner: credits_owner
--

ALTER TABLE ONLY gifts.gift_codes
    ADD CONSTRAINT gift_codes_pkey PRIMARY KEY (code);

--
-- Name: gift_redemptions gift_redemptions_pkey; Type: CONSTRAINT; Schema: gifts; Owner: credits_owner
--

ALTER TABLE ONLY gifts.gift_redemptions
    ADD CONSTRAINT gift_redemptions_pkey PRIMARY KEY (code, id);

--
-- Name: dated_credits_open; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX dated_credits_open ON credits.dated_credits USING btree (user_id, expires_at, id) WHERE (remaining > (0)::numeric);

--
-- Name: dated_credits_to_expire; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX dated_credits_to_expire ON credits.dated_credits USING btree (expires_at) WHERE (remaining > (0)::numeric);

--
-- Name: dated_movements_by_cause; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX dated_movements_by_cause ON credits.dated_movements USING btree (user_id, cause_id);

--
-- Name: events_of_user; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX events_of_user ON credits.events USING btree (user_id) WHERE (user_id IS NOT NULL);

--
-- Name: guild_member_spending_by_user; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX guild_member_spending_by_user ON credits.guild_member_spending USING btree (user_id);

--
-- Name: guild_spending_limits_by_user; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX guild_spending_limits_by_user ON credits.guild_spending_limits USING btree (user_id);

--
-- Name: guild_transactions_idempotency_key; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE UNIQUE INDEX guild_transactions_idempotency_key ON credits.guild_transactions USING btree (organization_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

--
-- Name: guild_transactions_of_member; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX guild_transactions_of_member ON credits.guild_transactions USING btree (user_id, organization_id, id);

--
-- Name: guild_transactions_refunds; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX guild_transactions_refunds ON credits.guild_transactions USING btree (organization_id, reference_id) WHERE (type = 'refund'::credits.guild_transaction_type);

--
-- Name: purchase_disputes_open; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX purchase_disputes_open ON credits.purchase_disputes USING btree (created_at) WHERE (status = 'open'::credits.dispute_status);

--
-- Name: purchases_completed; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX purchases_completed ON credits.purchases USING btree (completed_at) WHERE (completed_at IS NOT NULL);

--
-- Name: purchases_payment_intent; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX purchases_payment_intent ON credits.purchases USING btree (stripe_payment_intent_id) WHERE (stripe_payment_intent_id IS NOT NULL);

--
-- Name: purchases_unsettled; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX purchases_unsettled ON credits.purchases USING btree (created_at) WHERE ((status = 'processing'::credits.purchase_status) OR ((status = 'pending'::credits.purchase_status) AND (stripe_payment_intent_id IS NULL) AND (stripe_checkout_session_id IS NULL)));

--
-- Name: reservations_by_id; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX reservations_by_id ON credits.reservations USING btree (id);

--
-- Name: reservations_by_user; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX reservations_by_user ON credits.reservations USING btree (user_id);

--
-- Name: reservations_held; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX reservations_held ON credits.reservations USING btree (account_id, expires_at) WHERE (status = 'held'::credits.reservation_status);

--
-- Name: reservations_idempotency_key; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE UNIQUE INDEX reservations_idempotency_key ON credits.reservations USING btree (account_id, ((organization_id IS NOT NULL)), idempotency_key) WHERE (idempotency_key IS NOT NULL);

--
-- Name: reservations_to_expire; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX reservations_to_expire ON credits.reservations USING btree (expires_at) WHERE (status = 'held'::credits.reservation_status);

--
-- Name: transactions_idempotency_key; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE UNIQUE INDEX transactions_idempotency_key ON credits.transactions USING btree (user_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

--
-- Name: transactions_once_per_source; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE UNIQUE INDEX transactions_once_per_source ON credits.transactions USING btree (user_id, type, reference_id) WHERE (type = ANY (ARRAY['purchase'::credits.transaction_type, 'grant'::credits.transaction_type]));

--
-- Name: transactions_refunds; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX transactions_refunds ON credits.transactions USING btree (user_id, reference_id) WHERE ((type = 'refund'::credits.transaction_type) AND (reference_id IS NOT NULL));

--
-- Name: gift_codes_by_creator; Type: INDEX; Schema: gifts; Owner: credits_owner
--

CREATE UNIQUE INDEX gift_codes_by_creator ON gifts.gift_codes USING btree (creator_id, id);

--
-- Name: gift_codes_pending; Type: INDEX; Schema: gifts; Owner: credits_owner
--

CREATE INDEX gift_codes_pending ON gifts.gift_codes USING btree (lower(target_email)) WHERE ((status = 'active'::gifts.gift_status) AND (target_email IS NOT NULL));

--
-- Name: gift_codes_to_expire; Type: INDEX; Schema: gifts; Owner: credits_owner
--

CREATE INDEX gift_codes_to_expire ON gifts.gift_codes USING btree (expires_at) WHERE (status = 'active'::gifts.gift_status);

--
-- Name: gift_redemptions_by_user; Type: INDEX; Schema: gifts; Owner: credits_owner
--

CREATE INDEX gift_redemptions_by_user ON gifts.gift_redemptions USING btree (redeemer_user_id);

--
-- Name: gift_redemptions_each_portion_once; Type: INDEX; Schema: gifts; Owner: credits_owner
--

CREATE UNIQUE INDEX gift_redemptions_each_portion_once ON gifts.gift_redemptions USING btree (code, portion_number) WHERE (status = 'success'::gifts.redemption_status);

--
-- Name: gift_redemptions_failed_by_user; Type: INDEX; Schema: gifts; Owner: credits_owner
--

CREATE INDEX gift_redemptions_failed_by_user ON gifts.gift_redemptions USING btree (code, redeemer_user_id, id) WHERE (status <> 'success'::gifts.redemption_status);

--
-- Name: gift_redemptions_one_a_person; Type: INDEX; Schema: gifts; Owner: credits_owner
--

CREATE UNIQUE INDEX gift_redemptions_one_a_person ON gifts.gift_redemptions USING btree (code, redeemer_user_id) WHERE (status = 'success'::gifts.redemption_status);

--
-- Name: gift_redemptions_received; Type: INDEX; Schema: gifts; Owner: credits_owner
--

CREATE INDEX gift_redemptions_received ON gifts.gift_redemptions USING btree (redeemer_user_id, id) WHERE (status = 'success'::gifts.redemption_status);

--
-- Name: gift_redemptions_wrong_answers; Type: INDEX; Schema: gifts; Owner: credits_owner
--

CREATE INDEX gift_redemptions_wrong_answers ON gifts.gift_redemptions USING btree (code, id) WHERE (status = 'failed_wrong_answer'::gifts.redemption_status);

--
-- Name: guild_transactions apply_guild_transaction; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER apply_guild_transaction BEFORE INSERT ON credits.guild_transactions FOR EACH ROW WHEN (((new.sequence IS NULL) OR (current_setting('credits.posting'::text, true) IS DISTINCT FROM 'direct'::text))) EXECUTE FUNCTION credits._apply_guild_transaction();

--
-- Name: transactions apply_transaction; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER apply_transaction BEFORE INSERT ON credits.transactions FOR EACH ROW WHEN (((new.sequence IS NULL) OR (current_setting('credits.posting'::text, true) IS DISTINCT FROM 'direct'::text))) EXECUTE FUNCTION credits._apply_transaction();

--
-- Name: packages assign_package_id; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER assign_package_id BEFORE INSERT ON credits.packages FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION credits._assign_package_id();

--
-- Name: transactions check_counterpart; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE CONSTRAINT TRIGGER check_counterpart AFTER INSERT ON credits.transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.reference_id IS NOT NULL)) EXECUTE FUNCTION credits._check_counterpart();

--
-- Name: balances check_erasure; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE CONSTRAINT TRIGGER check_erasure AFTER UPDATE OF user_id ON credits.balances DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._check_renamed_balance();

--
-- Name: dated_credits check_erasure; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE CONSTRAINT TRIGGER check_erasure AFTER UPDATE OF user_id ON credits.dated_credits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._check_renamed_dated();

--
-- Name: dated_movements check_erasure; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER check_erasure AFTER UPDATE ON credits.dated_movements REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credits._check_dated_erasure();

--
-- Name: guild_member_spending check_erasure; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE CONSTRAINT TRIGGER check_erasure AFTER UPDATE OF user_id ON credits.guild_member_spending DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._check_renamed_counter();

--
-- Name: guild_transactions check_erasure; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER check_erasure AFTER UPDATE ON credits.guild_transactions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credits._check_guild_erasure();

--
-- Name: seals check_erasure; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE CONSTRAINT TRIGGER check_erasure AFTER UPDATE OF user_id ON credits.seals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._check_renamed_seal();

--
-- Name: transactions check_erasure; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER check_erasure AFTER UPDATE ON credits.transactions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credits._check_erasure();

--
-- Name: guild_transactions check_guild_counterpart; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE CONSTRAINT TRIGGER check_guild_counterpart AFTER INSERT ON credits.guild_transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.reference_id IS NOT NULL)) EXECUTE FUNCTION credits._check_guild_counterpart();

--
-- Name: purchases check_purchase; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER check_purchase AFTER INSERT OR UPDATE ON credits.purchases FOR EACH ROW WHEN ((new.status = 'completed'::credits.purchase_status)) EXECUTE FUNCTION credits._check_purchase();

--
-- Name: dated_credits fold_dated_credits; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER fold_dated_credits AFTER INSERT ON credits.dated_credits FOR EACH ROW EXECUTE FUNCTION credits._fold_dated_credits();

--
-- Name: dated_movements fold_dated_movement; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER fold_dated_movement AFTER INSERT ON credits.dated_movements FOR EACH ROW EXECUTE FUNCTION credits._fold_dated_movement();

--
-- Name: reservations fold_reservation; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER fold_reservation AFTER INSERT OR UPDATE ON credits.reservations FOR EACH ROW EXECUTE FUNCTION credits._fold_reservation();

--
-- Name: balances protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE UPDATE OF balance, total_earned, total_spent, reserved, clawed_back, version, last_transaction_id, reservations_count, next_expiry, created_at, updated_at ON credits.balances FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_amounts();

--
-- Name: dated_credits protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE UPDATE ON credits.dated_credits FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: guild_member_spending protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE INSERT OR DELETE OR UPDATE OF organization_id, day, spent, reserved ON credits.guild_member_spending FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_amounts();

--
-- Name: guild_pools protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE UPDATE OF organization_id, balance, total_funded, total_spent, reserved, version, last_transaction_id, reservations_count, created_at, updated_at ON credits.guild_pools FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_amounts();

--
-- Name: usage_folds protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE INSERT OR DELETE OR UPDATE ON credits.usage_folds FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND (current_setting('credits.posting'::text, true) IS DISTINCT FROM 'direct'::text))) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: usage_marks protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE INSERT OR DELETE OR UPDATE ON credits.usage_marks FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND (current_setting('credits.posting'::text, true) IS DISTINCT FROM 'direct'::text))) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: balances protect_from_delete; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_delete BEFORE DELETE ON credits.balances FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

--
-- Name: dated_credits protect_from_delete; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_delete BEFORE DELETE ON credits.dated_credits FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

--
-- Name: guild_pools protect_from_delete; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_delete BEFORE DELETE ON credits.guild_pools FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

--
-- Name: balances protect_from_invention; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_invention BEFORE INSERT ON credits.balances FOR EACH ROW WHEN (((new.version <> 0) OR (new.balance <> (0)::numeric) OR (new.reserved <> (0)::numeric) OR (new.total_earned <> (0)::numeric) OR (new.clawed_back <> (0)::numeric) OR (new.reservations_count <> 0) OR (new.next_expiry IS NOT NULL) OR (new.last_transaction_id IS NOT NULL))) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: guild_pools protect_from_invention; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_invention BEFORE INSERT ON credits.guild_pools FOR EACH ROW WHEN (((new.version <> 0) OR (new.balance <> (0)::numeric) OR (new.reserved <> (0)::numeric) OR (new.total_funded <> (0)::numeric) OR (new.reservations_count <> 0) OR (new.last_transaction_id IS NOT NULL))) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: balances protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.balances FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: dated_credits protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.dated_credits FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: guild_member_spending protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.guild_member_spending FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: guild_pools protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.guild_pools FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: reservations protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.reservations FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_reservations();

--
-- Name: settings protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.settings FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_settings();

--
-- Name: usage_folds protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.usage_folds FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: usage_marks protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.usage_marks FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: guild_member_spending protect_identity; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_identity BEFORE UPDATE OF user_id ON credits.guild_member_spending FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

--
-- Name: dated_movements protect_ledger; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.dated_movements FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.dated_movements ENABLE ALWAYS TRIGGER protect_ledger;

--
-- Name: guild_seals protect_ledger; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.guild_seals FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.guild_seals ENABLE ALWAYS TRIGGER protect_ledger;

--
-- Name: guild_transactions protect_ledger; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.guild_transactions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.guild_transactions ENABLE ALWAYS TRIGGER protect_ledger;

--
-- Name: seals protect_ledger; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.seals FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.seals ENABLE ALWAYS TRIGGER protect_ledger;

--
-- Name: transactions protect_ledger; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.transactions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.transactions ENABLE ALWAYS TRIGGER protect_ledger;

--
-- Name: dated_movements protect_ledger_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.dated_movements FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.dated_movements ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

--
-- Name: guild_seals protect_ledger_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.guild_seals FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.guild_seals ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

--
-- Name: guild_transactions protect_ledger_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.guild_transactions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.guild_transactions ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

--
-- Name: seals protect_ledger_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.seals FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.seals ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

--
-- Name: transactions protect_ledger_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.transactions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.transactions ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

--
-- Name: purchases protect_purchases; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_purchases BEFORE UPDATE ON credits.purchases FOR EACH ROW WHEN (((((((old.id IS DISTINCT FROM new.id) OR (old.package_id IS DISTINCT FROM new.package_id)) OR (old.credits IS DISTINCT FROM new.credits)) OR (old.price_euro_cents IS DISTINCT FROM new.price_euro_cents)) OR (old.currency IS DISTINCT FROM new.currency)) OR ((old.status = 'completed'::credits.purchase_status) AND ((old.status IS DISTINCT FROM new.status) OR (old.transaction_id IS DISTINCT FROM new.transaction_id))))) EXECUTE FUNCTION credits._protect_purchases();

--
-- Name: purchases protect_purchases_from_delete; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_purchases_from_delete BEFORE DELETE ON credits.purchases FOR EACH ROW EXECUTE FUNCTION credits._protect_purchases();

--
-- Name: purchases protect_purchases_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_purchases_from_truncate BEFORE TRUNCATE ON credits.purchases FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_purchases();

--
-- Name: reservations protect_reservations; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_reservations BEFORE INSERT OR DELETE OR UPDATE ON credits.reservations FOR EACH ROW EXECUTE FUNCTION credits._protect_reservations();

--
-- Name: settings protect_settings; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_settings BEFORE DELETE OR UPDATE ON credits.settings FOR EACH ROW EXECUTE FUNCTION credits._protect_settings();

--
-- Name: gift_codes check_changed_gift; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER check_changed_gift AFTER UPDATE ON gifts.gift_codes FOR EACH ROW WHEN (((((((old.id IS DISTINCT FROM new.id) OR ((old.creator_id)::text IS DISTINCT FROM (new.creator_id)::text)) OR (old.total_credits IS DISTINCT FROM new.total_credits)) OR (old.refunded_credits IS DISTINCT FROM new.refunded_credits)) OR (old.reservation_transaction_id IS DISTINCT FROM new.reservation_transaction_id)) OR (old.refund_transaction_id IS DISTINCT FROM new.refund_transaction_id))) EXECUTE FUNCTION gifts._check_gift();

--
-- Name: gift_redemptions check_erasure; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER check_erasure AFTER UPDATE ON gifts.gift_redemptions FOR EACH ROW WHEN ((new.status = 'success'::gifts.redemption_status)) EXECUTE FUNCTION gifts._check_redeemer();

--
-- Name: gift_codes check_new_gift; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER check_new_gift AFTER INSERT ON gifts.gift_codes FOR EACH ROW EXECUTE FUNCTION gifts._check_gift();

--
-- Name: gift_redemptions fold_redemption; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER fold_redemption AFTER INSERT ON gifts.gift_redemptions FOR EACH ROW EXECUTE FUNCTION gifts._fold_redemption();

--
-- Name: gift_codes protect_claims; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_claims BEFORE UPDATE ON gifts.gift_codes FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND (old.claimed_portions <> new.claimed_portions))) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: gift_codes protect_from_delete; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_from_delete BEFORE DELETE ON gifts.gift_codes FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

--
-- Name: gift_codes protect_from_truncate; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON gifts.gift_codes FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: gift_redemptions protect_ledger; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON gifts.gift_redemptions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE gifts.gift_redemptions ENABLE ALWAYS TRIGGER protect_ledger;

--
-- Name: gift_redemptions protect_ledger_from_truncate; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON gifts.gift_redemptions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE gifts.gift_redemptions ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

--
-- Name: gift_codes protect_terms; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_terms BEFORE UPDATE ON gifts.gift_codes FOR EACH ROW WHEN ((((old.status <> 'active'::gifts.gift_status) AND (old.status <> new.status)) OR ((((((old.code IS DISTINCT FROM new.code) OR (old.id IS DISTINCT FROM new.id)) OR (old.total_credits IS DISTINCT FROM new.total_credits)) OR (old.credits_per_portion IS DISTINCT FROM new.credits_per_portion)) OR (old.total_portions IS DISTINCT FROM new.total_portions)) OR (old.reservation_transaction_id IS DISTINCT FROM new.reservation_transaction_id)))) EXECUTE FUNCTION gifts._protect_terms();

--
-- Name: webhook_secrets webhook_secrets_consumer_fkey; Type: FK CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.webhook_secrets
    ADD CONSTRAINT webhook_secrets_consumer_fkey FOREIGN KEY (consumer) REFERENCES credits.webhooks(consumer) ON DELETE CASCADE;

--
-- Name: webhooks webhooks_consumer_fkey; Type: FK CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.webhooks
    ADD CONSTRAINT webhooks_consumer_fkey FOREIGN KEY (consumer) REFERENCES credits.event_consumers(consumer) ON DELETE CASCADE;

--
-- Name: gift_redemptions gift_redemptions_gift_fkey; Type: FK CONSTRAINT; Schema: gifts; Owner: credits_owner
--

ALTER TABLE ONLY gifts.gift_redemptions
    ADD CONSTRAINT gift_redemptions_gift_fkey FOREIGN KEY (code) REFERENCES gifts.gift_codes(code);

--
-- Name: SCHEMA credits; Type: ACL; Schema: -; Owner: credits_owner
--

GRANT USAGE ON SCHEMA credits TO credits_api;
GRANT USAGE ON SCHEMA credits TO credits_service;
GRANT USAGE ON SCHEMA credits TO credits_auditor;

--
-- Name: SCHEMA gifts; Type: ACL; Schema: -; Owner: credits_owner
--

GRANT USAGE ON SCHEMA gifts TO credits_api;
GRANT USAGE ON SCHEMA gifts TO credits_service;
GRANT USAGE ON SCHEMA gifts TO credits_auditor;

--
-- Name: SCHEMA reconcile; Type: ACL; Schema: -; Owner: credits_owner
--

GRANT USAGE ON SCHEMA reconcile TO credits_auditor;

--
-- Name: SCHEMA reconcile_new; Type: ACL; Schema: -; Owner: credits_owner
--

GRANT USAGE ON SCHEMA reconcile_new TO credits_auditor;

--
-- Name: FUNCTION _addresses_of(p_user_id text, p_email text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._addresses_of(p_user_id text, p_email text) FROM PUBLIC;

--
-- Name: FUNCTION _apply_guild_transaction(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._apply_guild_transaction() FROM PUBLIC;

--
-- Name: TABLE purchases; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.purchases TO credits_auditor;

--
-- Name: FUNCTION _apply_reversals(p_purchase credits.purchases); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._apply_reversals(p_purchase credits.purchases) FROM PUBLIC;

--
-- Name: FUNCTION _apply_transaction(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._apply_transaction() FROM PUBLIC;

--
-- Name: FUNCTION _as_id(p_text text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._as_id(p_text text) FROM PUBLIC;

--
-- Name: FUNCTION _assign_package_id(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._assign_package_id() FROM PUBLIC;

--
-- Name: FUNCTION _balance_at(p_user_id text, p_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._balance_at(p_user_id text, p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _balance_events_wanted(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._balance_events_wanted() FROM PUBLIC;

--
-- Name: TABLE balances; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.balances TO credits_auditor;

--
-- Name: FUNCTION _balance_now(p_balance credits.balances); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._balance_now(p_balance credits.balances) FROM PUBLIC;

--
-- Name: FUNCTION _caller(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._caller() FROM PUBLIC;

--
-- Name: FUNCTION _check_amount(p_amount numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_amount(p_amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION _check_batch(p_items integer, p_shapes text[]); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_batch(p_items integer, p_shapes text[]) FROM PUBLIC;

--
-- Name: FUNCTION _check_cap(p_operation text, p_app_id text, p_amount numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_cap(p_operation text, p_app_id text, p_amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION _check_counterpart(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_counterpart() FROM PUBLIC;

--
-- Name: FUNCTION _check_dated_erasure(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_dated_erasure() FROM PUBLIC;

--
-- Name: FUNCTION _check_email(p_field text, p_email text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_email(p_field text, p_email text) FROM PUBLIC;

--
-- Name: FUNCTION _check_erasure(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_erasure() FROM PUBLIC;

--
-- Name: FUNCTION _check_guild_counterpart(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_guild_counterpart() FROM PUBLIC;

--
-- Name: FUNCTION _check_guild_erasure(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_guild_erasure() FROM PUBLIC;

--
-- Name: FUNCTION _check_id(p_field text, p_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_id(p_field text, p_id text) FROM PUBLIC;

--
-- Name: FUNCTION _check_limits(p_organization_id text, p_user_id text, p_day date, p_amount numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_limits(p_organization_id text, p_user_id text, p_day date, p_amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION _check_metadata(p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_metadata(p_metadata jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _check_movement(p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_movement(p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _check_purchase(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_purchase() FROM PUBLIC;

--
-- Name: FUNCTION _check_renamed_balance(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_renamed_balance() FROM PUBLIC;

--
-- Name: FUNCTION _check_renamed_counter(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_renamed_counter() FROM PUBLIC;

--
-- Name: FUNCTION _check_renamed_dated(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_renamed_dated() FROM PUBLIC;

--
-- Name: FUNCTION _check_renamed_seal(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_renamed_seal() FROM PUBLIC;

--
-- Name: FUNCTION _coming_back(p_user_id text, p_balance numeric, p_holds uuid[]); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._coming_back(p_user_id text, p_balance numeric, p_holds uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION _count_spending(p_organization_id text, p_user_id text, p_day date, p_amount numeric, p_limited boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._count_spending(p_organization_id text, p_user_id text, p_day date, p_amount numeric, p_limited boolean) FROM PUBLIC;

--
-- Name: FUNCTION _definitions(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._definitions() FROM PUBLIC;
GRANT ALL ON FUNCTION credits._definitions() TO credits_auditor;

--
-- Name: FUNCTION _emit(p_type text, p_user_id text, p_organization_id text, p_data jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._emit(p_type text, p_user_id text, p_organization_id text, p_data jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _emit_balance(p_user_id text, p_organization_id text, p_transaction_id uuid, p_type text, p_amount numeric, p_owned numeric, p_reserved numeric, p_app_id text, p_low_balance_at numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._emit_balance(p_user_id text, p_organization_id text, p_transaction_id uuid, p_type text, p_amount numeric, p_owned numeric, p_reserved numeric, p_app_id text, p_low_balance_at numeric) FROM PUBLIC;

--
-- Name: TABLE reservations; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.reservations TO credits_auditor;

--
-- Name: FUNCTION _emit_expiry(p_hold credits.reservations); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._emit_expiry(p_hold credits.reservations) FROM PUBLIC;

--
-- Name: FUNCTION _erase_events(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._erase_events(p_user_id text) FROM PUBLIC;

--
-- Name: TABLE event_consumers; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.event_consumers TO credits_auditor;

--
-- Name: FUNCTION _event_consumer(p_consumer text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._event_consumer(p_consumer text) FROM PUBLIC;

--
-- Name: FUNCTION _expire_dated(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._expire_dated(p_user_id text) FROM PUBLIC;

--
-- Name: FUNCTION _expired_at(p_user_id text, p_at timestamp with time zone, p_last_row_at timestamp with time zone, p_balance numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._expired_at(p_user_id text, p_at timestamp with time zone, p_last_row_at timestamp with time zone, p_balance numeric) FROM PUBLIC;

--
-- Name: TABLE guild_pools; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.guild_pools TO credits_auditor;

--
-- Name: TABLE guild_transactions; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.guild_transactions TO credits_auditor;

--
-- Name: FUNCTION _find_guild_movement(p_pool credits.guild_pools, p_idempotency_key text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._find_guild_movement(p_pool credits.guild_pools, p_idempotency_key text) FROM PUBLIC;

--
-- Name: FUNCTION _find_guild_usage(p_user_id text, p_transaction_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._find_guild_usage(p_user_id text, p_transaction_id uuid) FROM PUBLIC;

--
-- Name: TABLE transactions; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.transactions TO credits_auditor;

--
-- Name: FUNCTION _find_movement(p_balance credits.balances, p_idempotency_key text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._find_movement(p_balance credits.balances, p_idempotency_key text) FROM PUBLIC;

--
-- Name: FUNCTION _fold_dated_credits(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._fold_dated_credits() FROM PUBLIC;

--
-- Name: FUNCTION _fold_dated_movement(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._fold_dated_movement() FROM PUBLIC;

--
-- Name: FUNCTION _fold_reservation(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._fold_reservation() FROM PUBLIC;

--
-- Name: FUNCTION _fold_usage(p_user_id text, p_before uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._fold_usage(p_user_id text, p_before uuid) FROM PUBLIC;

--
-- Name: FUNCTION _forfeit(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._forfeit(p_user_id text) FROM PUBLIC;

--
-- Name: FUNCTION _free_attempt_at(p_kind text, p_subject text, p_most integer, p_window interval); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._free_attempt_at(p_kind text, p_subject text, p_most integer, p_window interval) FROM PUBLIC;

--
-- Name: FUNCTION _funded_at(p_user_id text, p_amount numeric, p_from timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._funded_at(p_user_id text, p_amount numeric, p_from timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _give_back_dated(p_user_id text, p_cause_id uuid, p_total numeric, p_given_before numeric, p_amount numeric, p_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._give_back_dated(p_user_id text, p_cause_id uuid, p_total numeric, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _guild_funded_at(p_guild_id text, p_user_id text, p_amount numeric, p_from timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._guild_funded_at(p_guild_id text, p_user_id text, p_amount numeric, p_from timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _guild_movement(p_row credits.guild_transactions, p_replayed boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._guild_movement(p_row credits.guild_transactions, p_replayed boolean) FROM PUBLIC;

--
-- Name: FUNCTION _guild_transaction_text(p_row credits.guild_transactions); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._guild_transaction_text(p_row credits.guild_transactions) FROM PUBLIC;

--
-- Name: FUNCTION _has_overdue_holds(p_account_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._has_overdue_holds(p_account_id text) FROM PUBLIC;

--
-- Name: FUNCTION _id_after(p_last uuid, p_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._id_after(p_last uuid, p_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _id_floor(p_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._id_floor(p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _is_amount(p_amount numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._is_amount(p_amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION _is_erasure(p_old jsonb, p_new jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._is_erasure(p_old jsonb, p_new jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _is_id(p_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._is_id(p_id text) FROM PUBLIC;

--
-- Name: FUNCTION _is_metadata(p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._is_metadata(p_metadata jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _is_present_id(p_id uuid, p_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._is_present_id(p_id uuid, p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _is_pseudonym(p_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._is_pseudonym(p_id text) FROM PUBLIC;

--
-- Name: FUNCTION _is_use(p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._is_use(p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _limits_day(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._limits_day() FROM PUBLIC;

--
-- Name: FUNCTION _lock_balance(p_user_id text, p_create boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._lock_balance(p_user_id text, p_create boolean) FROM PUBLIC;

--
-- Name: FUNCTION _lock_person(p_user_id text, p_email text, OUT gifts_by_them text[], OUT gifts_for_them text[], OUT purchases uuid[], OUT pools text[], OUT has_account boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._lock_person(p_user_id text, p_email text, OUT gifts_by_them text[], OUT gifts_for_them text[], OUT purchases uuid[], OUT pools text[], OUT has_account boolean) FROM PUBLIC;

--
-- Name: FUNCTION _lock_pool(p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._lock_pool(p_organization_id text) FROM PUBLIC;

--
-- Name: FUNCTION _lock_purchase(p_user_id text, p_purchase_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._lock_purchase(p_user_id text, p_purchase_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _lock_reservation(p_reservation_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._lock_reservation(p_reservation_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _matrix_ids_of(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._matrix_ids_of(p_user_id text) FROM PUBLIC;

--
-- Name: FUNCTION _member_spending(p_organization_id text, p_user_id text, p_day date); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._member_spending(p_organization_id text, p_user_id text, p_day date) FROM PUBLIC;

--
-- Name: FUNCTION _movement(p_row credits.transactions, p_replayed boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._movement(p_row credits.transactions, p_replayed boolean) FROM PUBLIC;

--
-- Name: FUNCTION _new_id(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._new_id() FROM PUBLIC;

--
-- Name: FUNCTION _next_id(p_last uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._next_id(p_last uuid) FROM PUBLIC;

--
-- Name: FUNCTION _note_next_expiry(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._note_next_expiry(p_user_id text) FROM PUBLIC;

--
-- Name: FUNCTION _now(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._now() FROM PUBLIC;

--
-- Name: FUNCTION _open_account(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._open_account(p_user_id text) FROM PUBLIC;

--
-- Name: FUNCTION _passes_at(p_refusal text, p_user_id text, p_amount numeric, p_guild_id text, p_details jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._passes_at(p_refusal text, p_user_id text, p_amount numeric, p_guild_id text, p_details jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _post_commit(p_held credits.reservations, p_description text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._post_commit(p_held credits.reservations, p_description text, p_metadata jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean, p_take_dated boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean, p_take_dated boolean) FROM PUBLIC;

--
-- Name: FUNCTION _protect_amounts(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._protect_amounts() FROM PUBLIC;

--
-- Name: FUNCTION _protect_balances(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._protect_balances() FROM PUBLIC;

--
-- Name: FUNCTION _protect_ledger(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._protect_ledger() FROM PUBLIC;

--
-- Name: FUNCTION _protect_purchases(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._protect_purchases() FROM PUBLIC;

--
-- Name: FUNCTION _protect_reservations(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._protect_reservations() FROM PUBLIC;

--
-- Name: FUNCTION _protect_settings(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._protect_settings() FROM PUBLIC;

--
-- Name: FUNCTION _reconciliation_scope(p_scope text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._reconciliation_scope(p_scope text) FROM PUBLIC;

--
-- Name: FUNCTION _refund_guild_usage(p_usage credits.guild_transactions, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refund_guild_usage(p_usage credits.guild_transactions, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _refund_movement(p_row credits.transactions, p_replayed boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refund_movement(p_row credits.transactions, p_replayed boolean) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_direct_write(p_schema text, p_table text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_direct_write(p_schema text, p_table text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_ended(p_held credits.reservations); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_ended(p_held credits.reservations) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_insufficient(p_required numeric, p_available numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_insufficient(p_required numeric, p_available numeric) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_invalid(p_field text, p_problem text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_invalid(p_field text, p_problem text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_key_of_reservation(p_account_id text, p_of_guild boolean, p_idempotency_key text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_key_of_reservation(p_account_id text, p_of_guild boolean, p_idempotency_key text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_over_cap(p_cap text, p_figures json); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_over_cap(p_cap text, p_figures json) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_over_limit(p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_over_limit(p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_over_refund(p_requested numeric, p_refundable numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_over_refund(p_requested numeric, p_refundable numeric) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_part_of_erasure(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_part_of_erasure() FROM PUBLIC;

--
-- Name: FUNCTION _refuse_pseudonym(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_pseudonym(p_user_id text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_reused_key(p_idempotency_key text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_reused_key(p_idempotency_key text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_row(p_account text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_row(p_account text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_too_large(p_balance numeric, p_amount numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_too_large(p_balance numeric, p_amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_too_many_attempts(p_until timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_too_many_attempts(p_until timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_unknown_pool(p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_unknown_pool(p_organization_id text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_unknown_usage(p_transaction_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_unknown_usage(p_transaction_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _register_consumer(p_consumer text, p_types text[], p_login text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._register_consumer(p_consumer text, p_types text[], p_login text) FROM PUBLIC;

--
-- Name: FUNCTION _repay_from_dated(p_user_id text, p_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._repay_from_dated(p_user_id text, p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _restore_dated(p_debit credits.transactions, p_given_before numeric, p_amount numeric, p_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._restore_dated(p_debit credits.transactions, p_given_before numeric, p_amount numeric, p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _rewrite_identity(p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[]); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._rewrite_identity(p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[]) FROM PUBLIC;

--
-- Name: FUNCTION _run_checks(p_scope text, p_check_name text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._run_checks(p_scope text, p_check_name text) FROM PUBLIC;

--
-- Name: FUNCTION _set_balance_events(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._set_balance_events() FROM PUBLIC;

--
-- Name: FUNCTION _settle_balance(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._settle_balance(p_user_id text) FROM PUBLIC;

--
-- Name: FUNCTION _settle_pool(p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._settle_pool(p_organization_id text) FROM PUBLIC;

--
-- Name: FUNCTION _shape(p_array anyarray); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._shape(p_array anyarray) FROM PUBLIC;

--
-- Name: FUNCTION _spending_windows(p_organization_id text, p_user_id text, p_day date); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._spending_windows(p_organization_id text, p_user_id text, p_day date) FROM PUBLIC;

--
-- Name: FUNCTION _standing_after(p_row credits.transactions); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._standing_after(p_row credits.transactions) FROM PUBLIC;

--
-- Name: FUNCTION _take_attempt(p_kind text, p_subject text, p_most integer, p_window interval); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._take_attempt(p_kind text, p_subject text, p_most integer, p_window interval) FROM PUBLIC;

--
-- Name: FUNCTION _take_dated(p_user_id text, p_cause_id uuid, p_amount numeric, p_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._take_dated(p_user_id text, p_cause_id uuid, p_amount numeric, p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _transaction_text(p_row credits.transactions); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._transaction_text(p_row credits.transactions) FROM PUBLIC;

--
-- Name: FUNCTION _use_guild_step_by_step(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._use_guild_step_by_step(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _use_guild_together(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._use_guild_together(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) FROM PUBLIC;

--
-- Name: FUNCTION _use_step_by_step(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._use_step_by_step(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _use_together(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._use_together(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) FROM PUBLIC;

--
-- Name: FUNCTION ack_events(p_consumer text, p_position bigint); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.ack_events(p_consumer text, p_position bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.ack_events(p_consumer text, p_position bigint) TO credits_service;
GRANT ALL ON FUNCTION credits.ack_events(p_consumer text, p_position bigint) TO credits_api;

--
-- Name: FUNCTION attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text, p_stripe_customer_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text, p_stripe_customer_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text, p_stripe_customer_id text) TO credits_api;

--
-- Name: FUNCTION begin_purchase(p_user_id text, p_package_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.begin_purchase(p_user_id text, p_package_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.begin_purchase(p_user_id text, p_package_id uuid) TO credits_api;

--
-- Name: FUNCTION claim_job(p_name text, p_seconds double precision); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.claim_job(p_name text, p_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.claim_job(p_name text, p_seconds double precision) TO credits_api;

--
-- Name: FUNCTION claim_measurement(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.claim_measurement() FROM PUBLIC;
GRANT ALL ON FUNCTION credits.claim_measurement() TO credits_api;

--
-- Name: FUNCTION claim_webhooks(p_limit integer, p_seconds double precision); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.claim_webhooks(p_limit integer, p_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.claim_webhooks(p_limit integer, p_seconds double precision) TO credits_api;

--
-- Name: FUNCTION commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.commit_reservation(p_reservation_id uuid, p_amount numeric, p_description text, p_metadata jsonb) TO credits_api;

--
-- Name: FUNCTION compare_seals(p_heads jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.compare_seals(p_heads jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.compare_seals(p_heads jsonb) TO credits_auditor;

--
-- Name: FUNCTION complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text) TO credits_api;

--
-- Name: FUNCTION confirm_customer_deletion(p_stripe_customer_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.confirm_customer_deletion(p_stripe_customer_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.confirm_customer_deletion(p_stripe_customer_id text) TO credits_api;

--
-- Name: FUNCTION drop_consumer(p_consumer text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.drop_consumer(p_consumer text) FROM PUBLIC;

--
-- Name: FUNCTION erase_user(p_user_id text, p_email text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.erase_user(p_user_id text, p_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.erase_user(p_user_id text, p_email text) TO credits_service;
GRANT ALL ON FUNCTION credits.erase_user(p_user_id text, p_email text) TO credits_api;

--
-- Name: FUNCTION expire_attempts(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.expire_attempts() FROM PUBLIC;
GRANT ALL ON FUNCTION credits.expire_attempts() TO credits_api;

--
-- Name: FUNCTION expire_due(p_limit integer); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.expire_due(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.expire_due(p_limit integer) TO credits_api;

--
-- Name: FUNCTION explain_use(p_user_id text, p_amount numeric, p_app_id text, p_guild_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.explain_use(p_user_id text, p_amount numeric, p_app_id text, p_guild_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.explain_use(p_user_id text, p_amount numeric, p_app_id text, p_guild_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.explain_use(p_user_id text, p_amount numeric, p_app_id text, p_guild_id text) TO credits_api;

--
-- Name: FUNCTION export_seals(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.export_seals() FROM PUBLIC;
GRANT ALL ON FUNCTION credits.export_seals() TO credits_auditor;

--
-- Name: FUNCTION fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text) TO credits_api;

--
-- Name: FUNCTION find_purchase(p_stripe_payment_intent_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.find_purchase(p_stripe_payment_intent_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.find_purchase(p_stripe_payment_intent_id text) TO credits_api;

--
-- Name: FUNCTION fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) TO credits_api;

--
-- Name: FUNCTION get_balance(p_user_id text, p_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone) TO credits_service;
GRANT ALL ON FUNCTION credits.get_balance(p_user_id text, p_at timestamp with time zone) TO credits_api;

--
-- Name: FUNCTION get_balances(p_user_ids text[]); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_balances(p_user_ids text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_balances(p_user_ids text[]) TO credits_service;
GRANT ALL ON FUNCTION credits.get_balances(p_user_ids text[]) TO credits_api;

--
-- Name: FUNCTION get_guild_balance(p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_guild_balance(p_organization_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_guild_balance(p_organization_id text) TO credits_api;

--
-- Name: FUNCTION get_low_balance_alert(p_user_id text, p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_low_balance_alert(p_user_id text, p_organization_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_low_balance_alert(p_user_id text, p_organization_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.get_low_balance_alert(p_user_id text, p_organization_id text) TO credits_api;

--
-- Name: FUNCTION get_metrics(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_metrics() FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_metrics() TO credits_api;

--
-- Name: FUNCTION get_purchase(p_user_id text, p_purchase_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_purchase(p_user_id text, p_purchase_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_purchase(p_user_id text, p_purchase_id uuid) TO credits_api;

--
-- Name: FUNCTION get_spending(p_organization_id text, p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_spending(p_organization_id text, p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_spending(p_organization_id text, p_user_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.get_spending(p_organization_id text, p_user_id text) TO credits_api;

--
-- Name: FUNCTION get_spending_limits(p_organization_id text, p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_spending_limits(p_organization_id text, p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_spending_limits(p_organization_id text, p_user_id text) TO credits_api;

--
-- Name: FUNCTION grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text) TO credits_service;
GRANT ALL ON FUNCTION credits.grant_credits(p_user_id text, p_amount numeric, p_reason text, p_reference_id text, p_description text, p_expires_at timestamp with time zone, p_idempotency_key text) TO credits_api;

--
-- Name: FUNCTION hash_guild_transactions(p_organization_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.hash_guild_transactions(p_organization_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.hash_guild_transactions(p_organization_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) TO credits_auditor;

--
-- Name: FUNCTION hash_transactions(p_user_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.hash_transactions(p_user_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.hash_transactions(p_user_id text, p_after uuid, p_up_to uuid, p_hash bytea, p_limit bigint, OUT rows bigint, OUT id uuid, OUT sequence bigint, OUT hash bytea) TO credits_auditor;

--
-- Name: FUNCTION init_balance(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.init_balance(p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.init_balance(p_user_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.init_balance(p_user_id text) TO credits_api;

--
-- Name: FUNCTION init_guild_pool(p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.init_guild_pool(p_organization_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.init_guild_pool(p_organization_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.init_guild_pool(p_organization_id text) TO credits_api;

--
-- Name: FUNCTION limits_time_zone(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.limits_time_zone() FROM PUBLIC;
GRANT ALL ON FUNCTION credits.limits_time_zone() TO credits_api;

--
-- Name: FUNCTION list_completed_purchases(p_since timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_completed_purchases(p_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_completed_purchases(p_since timestamp with time zone) TO credits_api;

--
-- Name: FUNCTION list_customer_deletions(p_limit integer); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_customer_deletions(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_customer_deletions(p_limit integer) TO credits_api;

--
-- Name: FUNCTION list_guild_transactions(p_organization_id text, p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_guild_transactions(p_organization_id text, p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_guild_transactions(p_organization_id text, p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) TO credits_api;

--
-- Name: FUNCTION list_open_disputes(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_open_disputes() FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_open_disputes() TO credits_api;

--
-- Name: FUNCTION list_packages(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_packages() FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_packages() TO credits_api;

--
-- Name: FUNCTION list_purchases(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_purchases(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_purchases(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) TO credits_api;

--
-- Name: FUNCTION list_transactions(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid, p_type text, p_app_id text, p_from timestamp with time zone, p_to timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_transactions(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid, p_type text, p_app_id text, p_from timestamp with time zone, p_to timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_transactions(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid, p_type text, p_app_id text, p_from timestamp with time zone, p_to timestamp with time zone) TO credits_api;

--
-- Name: FUNCTION list_unsettled_purchases(p_unfinished_seconds double precision); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_unsettled_purchases(p_unfinished_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_unsettled_purchases(p_unfinished_seconds double precision) TO credits_api;

--
-- Name: FUNCTION list_usage(p_user_id text, p_from date, p_to date); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_usage(p_user_id text, p_from date, p_to date) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_usage(p_user_id text, p_from date, p_to date) TO credits_api;

--
-- Name: FUNCTION measure(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.measure() FROM PUBLIC;
GRANT ALL ON FUNCTION credits.measure() TO credits_api;

--
-- Name: FUNCTION order_events(p_limit integer); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.order_events(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.order_events(p_limit integer) TO credits_service;
GRANT ALL ON FUNCTION credits.order_events(p_limit integer) TO credits_api;

--
-- Name: FUNCTION read_events(p_consumer text, p_limit integer); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.read_events(p_consumer text, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.read_events(p_consumer text, p_limit integer) TO credits_service;
GRANT ALL ON FUNCTION credits.read_events(p_consumer text, p_limit integer) TO credits_api;

--
-- Name: FUNCTION reconcile(p_check_name text, p_scope text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.reconcile(p_check_name text, p_scope text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.reconcile(p_check_name text, p_scope text) TO credits_auditor;

--
-- Name: FUNCTION record_dispute(p_user_id text, p_purchase_id uuid, p_stripe_dispute_id text, p_amount_cents bigint, p_status text, p_currency text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.record_dispute(p_user_id text, p_purchase_id uuid, p_stripe_dispute_id text, p_amount_cents bigint, p_status text, p_currency text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.record_dispute(p_user_id text, p_purchase_id uuid, p_stripe_dispute_id text, p_amount_cents bigint, p_status text, p_currency text) TO credits_api;

--
-- Name: FUNCTION record_refund(p_user_id text, p_purchase_id uuid, p_refunded_cents bigint, p_currency text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.record_refund(p_user_id text, p_purchase_id uuid, p_refunded_cents bigint, p_currency text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.record_refund(p_user_id text, p_purchase_id uuid, p_refunded_cents bigint, p_currency text) TO credits_api;

--
-- Name: FUNCTION refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) TO credits_api;

--
-- Name: FUNCTION register_consumer(p_consumer text, p_types text[], p_login text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.register_consumer(p_consumer text, p_types text[], p_login text) FROM PUBLIC;

--
-- Name: FUNCTION register_webhook(p_consumer text, p_url text, p_types text[]); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.register_webhook(p_consumer text, p_url text, p_types text[]) FROM PUBLIC;

--
-- Name: FUNCTION release_reservation(p_reservation_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.release_reservation(p_reservation_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.release_reservation(p_reservation_id uuid) TO credits_service;
GRANT ALL ON FUNCTION credits.release_reservation(p_reservation_id uuid) TO credits_api;

--
-- Name: FUNCTION release_webhook(p_consumer text, p_claim uuid, p_failure text, p_pause_seconds double precision); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.release_webhook(p_consumer text, p_claim uuid, p_failure text, p_pause_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.release_webhook(p_consumer text, p_claim uuid, p_failure text, p_pause_seconds double precision) TO credits_api;

--
-- Name: FUNCTION reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.reserve_credits(p_user_id text, p_amount numeric, p_reason text, p_expires_in_seconds integer, p_guild_id text, p_idempotency_key text, p_app_id text) TO credits_api;

--
-- Name: FUNCTION save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text, p_purchase_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text, p_purchase_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text, p_purchase_id uuid) TO credits_api;

--
-- Name: FUNCTION seal(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.seal(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.seal(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text) TO credits_api;

--
-- Name: FUNCTION seal_pools(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.seal_pools(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.seal_pools(p_after text, p_limit integer, OUT rows_sealed bigint, OUT next_after text) TO credits_api;

--
-- Name: FUNCTION set_low_balance_alert(p_threshold numeric, p_user_id text, p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.set_low_balance_alert(p_threshold numeric, p_user_id text, p_organization_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.set_low_balance_alert(p_threshold numeric, p_user_id text, p_organization_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.set_low_balance_alert(p_threshold numeric, p_user_id text, p_organization_id text) TO credits_api;

--
-- Name: FUNCTION set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) TO credits_service;
GRANT ALL ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) TO credits_api;

--
-- Name: FUNCTION trim_events(p_limit integer, p_max_age interval, p_max_events bigint); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.trim_events(p_limit integer, p_max_age interval, p_max_events bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.trim_events(p_limit integer, p_max_age interval, p_max_events bigint) TO credits_api;

--
-- Name: FUNCTION use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_api;

--
-- Name: FUNCTION use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) TO credits_service;
GRANT ALL ON FUNCTION credits.use_credits_batch(p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) TO credits_api;

--
-- Name: FUNCTION use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_api;

--
-- Name: FUNCTION use_guild_credits_batch(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.use_guild_credits_batch(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.use_guild_credits_batch(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) TO credits_service;
GRANT ALL ON FUNCTION credits.use_guild_credits_batch(p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_app_ids text[], p_descriptions text[], p_idempotency_keys text[], p_metadata jsonb[], p_request_ids text[]) TO credits_api;

--
-- Name: FUNCTION _answer_is_right(p_answer text, p_hash text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._answer_is_right(p_answer text, p_hash text) FROM PUBLIC;

--
-- Name: TABLE gift_codes; Type: ACL; Schema: gifts; Owner: credits_owner
--

GRANT SELECT ON TABLE gifts.gift_codes TO credits_auditor;

--
-- Name: FUNCTION _check_attempts(p_gift gifts.gift_codes, p_user_id text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._check_attempts(p_gift gifts.gift_codes, p_user_id text) FROM PUBLIC;

--
-- Name: FUNCTION _check_character(p_text text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._check_character(p_text text) FROM PUBLIC;

--
-- Name: FUNCTION _check_gift(); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._check_gift() FROM PUBLIC;

--
-- Name: FUNCTION _check_redeemer(); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._check_redeemer() FROM PUBLIC;

--
-- Name: FUNCTION _check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text) FROM PUBLIC;

--
-- Name: FUNCTION _claim_portion(p_gift gifts.gift_codes, p_balance credits.balances, p_source_app_id text, p_idempotency_key text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._claim_portion(p_gift gifts.gift_codes, p_balance credits.balances, p_source_app_id text, p_idempotency_key text) FROM PUBLIC;

--
-- Name: FUNCTION _fold_redemption(); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._fold_redemption() FROM PUBLIC;

--
-- Name: FUNCTION _gift_type(p_type text, p_portions integer, p_target text, p_riddle_question text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._gift_type(p_type text, p_portions integer, p_target text, p_riddle_question text) FROM PUBLIC;

--
-- Name: FUNCTION _is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text) FROM PUBLIC;

--
-- Name: FUNCTION _moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _new_code(); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._new_code() FROM PUBLIC;

--
-- Name: FUNCTION _normalize_code(p_code text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._normalize_code(p_code text) FROM PUBLIC;

--
-- Name: FUNCTION _protect_terms(); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._protect_terms() FROM PUBLIC;

--
-- Name: FUNCTION _public_gift(p_code text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._public_gift(p_code text) FROM PUBLIC;

--
-- Name: FUNCTION _refusal(p_gift gifts.gift_codes, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._refusal(p_gift gifts.gift_codes, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_inactive(p_status gifts.gift_status); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._refuse_inactive(p_status gifts.gift_status) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_too_many_attempts(p_until timestamp with time zone); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._refuse_too_many_attempts(p_until timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_unknown(); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._refuse_unknown() FROM PUBLIC;

--
-- Name: FUNCTION _return_unclaimed(p_gift gifts.gift_codes, p_status gifts.gift_status); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._return_unclaimed(p_gift gifts.gift_codes, p_status gifts.gift_status) FROM PUBLIC;

--
-- Name: FUNCTION _riddle_hash(p_answer text, p_salt text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._riddle_hash(p_answer text, p_salt text) FROM PUBLIC;

--
-- Name: FUNCTION _status_now(p_status gifts.gift_status, p_expires_at timestamp with time zone); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts._status_now(p_status gifts.gift_status, p_expires_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION cancel_gift(p_gift_id uuid, p_creator_id text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) TO credits_service;
GRANT ALL ON FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) TO credits_api;

--
-- Name: FUNCTION create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text) TO credits_service;
GRANT ALL ON FUNCTION gifts.create_gift(p_creator_id text, p_total_credits numeric, p_type text, p_total_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_creator_name text, p_source_app_id text, p_idempotency_key text) TO credits_api;

--
-- Name: FUNCTION expire_gifts(p_limit integer); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.expire_gifts(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.expire_gifts(p_limit integer) TO credits_service;
GRANT ALL ON FUNCTION gifts.expire_gifts(p_limit integer) TO credits_api;

--
-- Name: FUNCTION get_gift(p_code text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.get_gift(p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.get_gift(p_code text) TO credits_service;
GRANT ALL ON FUNCTION gifts.get_gift(p_code text) TO credits_api;

--
-- Name: FUNCTION get_public_gift(p_code text, p_address text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.get_public_gift(p_code text, p_address text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.get_public_gift(p_code text, p_address text) TO credits_api;

--
-- Name: FUNCTION list_created_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.list_created_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.list_created_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) TO credits_api;

--
-- Name: FUNCTION list_received_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.list_received_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.list_received_gifts(p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) TO credits_api;

--
-- Name: FUNCTION redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) TO credits_service;
GRANT ALL ON FUNCTION gifts.redeem_gift(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) TO credits_api;

--
-- Name: FUNCTION redeem_pending_gifts(p_user_id text, p_email text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.redeem_pending_gifts(p_user_id text, p_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.redeem_pending_gifts(p_user_id text, p_email text) TO credits_service;
GRANT ALL ON FUNCTION gifts.redeem_pending_gifts(p_user_id text, p_email text) TO credits_api;

--
-- Name: FUNCTION redeem_typed_code(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text); Type: ACL; Schema: gifts; Owner: credits_owner
--

REVOKE ALL ON FUNCTION gifts.redeem_typed_code(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION gifts.redeem_typed_code(p_code text, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text, p_source_app_id text, p_idempotency_key text) TO credits_api;

--
-- Name: TABLE attempts; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.attempts TO credits_auditor;

--
-- Name: TABLE dated_credits; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.dated_credits TO credits_auditor;

--
-- Name: TABLE dated_movements; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.dated_movements TO credits_auditor;

--
-- Name: TABLE deployed; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.deployed TO credits_auditor;

--
-- Name: TABLE event_log; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.event_log TO credits_auditor;

--
-- Name: TABLE events; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.events TO credits_auditor;

--
-- Name: TABLE figures; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.figures TO credits_auditor;

--
-- Name: TABLE guild_member_spending; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.guild_member_spending TO credits_auditor;

--
-- Name: TABLE guild_seals; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.guild_seals TO credits_auditor;

--
-- Name: TABLE guild_spending_limits; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.guild_spending_limits TO credits_auditor;

--
-- Name: TABLE holdings; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.holdings TO credits_auditor;

--
-- Name: TABLE job_claims; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.job_claims TO credits_auditor;

--
-- Name: TABLE outbox; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.outbox TO credits_auditor;

--
-- Name: TABLE packages; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.packages TO credits_auditor;

--
-- Name: TABLE purchase_disputes; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.purchase_disputes TO credits_auditor;

--
-- Name: TABLE reconciled_accounts; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.reconciled_accounts TO credits_auditor;

--
-- Name: TABLE reconciliations; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.reconciliations TO credits_auditor;

--
-- Name: TABLE seals; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.seals TO credits_auditor;

--
-- Name: TABLE service_cap_usage; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.service_cap_usage TO credits_auditor;

--
-- Name: TABLE service_caps; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.service_caps TO credits_auditor;

--
-- Name: TABLE settings; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.settings TO credits_auditor;

--
-- Name: TABLE stripe_customer_deletions; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.stripe_customer_deletions TO credits_auditor;

--
-- Name: TABLE stripe_customers; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.stripe_customers TO credits_auditor;

--
-- Name: TABLE usage_folds; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.usage_folds TO credits_auditor;

--
-- Name: TABLE usage_marks; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.usage_marks TO credits_auditor;

--
-- Name: TABLE usage_stats; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.usage_stats TO credits_auditor;

--
-- Name: TABLE webhooks; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.webhooks TO credits_auditor;

--
-- Name: TABLE gift_redemptions; Type: ACL; Schema: gifts; Owner: credits_owner
--

GRANT SELECT ON TABLE gifts.gift_redemptions TO credits_auditor;

--
-- Name: TABLE balances_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.balances_off_ledger TO credits_auditor;

--
-- Name: TABLE broken_chains; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.broken_chains TO credits_auditor;

--
-- Name: TABLE broken_pool_chains; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.broken_pool_chains TO credits_auditor;

--
-- Name: TABLE broken_pool_seals; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.broken_pool_seals TO credits_auditor;

--
-- Name: TABLE broken_seals; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.broken_seals TO credits_auditor;

--
-- Name: TABLE clawbacks_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.clawbacks_off_ledger TO credits_auditor;

--
-- Name: TABLE clawbacks_off_payments; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.clawbacks_off_payments TO credits_auditor;

--
-- Name: TABLE credits_not_conserved; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.credits_not_conserved TO credits_auditor;

--
-- Name: TABLE dated_credits_off_movements; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.dated_credits_off_movements TO credits_auditor;

--
-- Name: TABLE erased_with_credits; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.erased_with_credits TO credits_auditor;

--
-- Name: TABLE figures_out_of_bounds; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.figures_out_of_bounds TO credits_auditor;

--
-- Name: TABLE fundings_off; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.fundings_off TO credits_auditor;

--
-- Name: TABLE gifts_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.gifts_off_ledger TO credits_auditor;

--
-- Name: TABLE gifts_off_redemptions; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.gifts_off_redemptions TO credits_auditor;

--
-- Name: TABLE member_spending_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.member_spending_off_ledger TO credits_auditor;

--
-- Name: TABLE member_spending_off_reservations; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.member_spending_off_reservations TO credits_auditor;

--
-- Name: TABLE next_expiries_off; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.next_expiries_off TO credits_auditor;

--
-- Name: TABLE pools_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.pools_off_ledger TO credits_auditor;

--
-- Name: TABLE protection_off; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.protection_off TO credits_auditor;

--
-- Name: TABLE purchases_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.purchases_off_ledger TO credits_auditor;

--
-- Name: TABLE refunds_over_usage; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.refunds_over_usage TO credits_auditor;

--
-- Name: TABLE reservation_counts_off; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.reservation_counts_off TO credits_auditor;

--
-- Name: TABLE reservations_off_balances; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.reservations_off_balances TO credits_auditor;

--
-- Name: TABLE reservations_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.reservations_off_ledger TO credits_auditor;

--
-- Name: TABLE usage_stats_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.usage_stats_off_ledger TO credits_auditor;

--
-- Name: TABLE accounts; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.accounts TO credits_auditor;

--
-- Name: TABLE balances_off_ledger; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.balances_off_ledger TO credits_auditor;

--
-- Name: TABLE broken_chains; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.broken_chains TO credits_auditor;

--
-- Name: TABLE pools; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.pools TO credits_auditor;

--
-- Name: TABLE broken_pool_chains; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.broken_pool_chains TO credits_auditor;

--
-- Name: TABLE broken_pool_seals; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.broken_pool_seals TO credits_auditor;

--
-- Name: TABLE broken_seals; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.broken_seals TO credits_auditor;

--
-- Name: TABLE transactions; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.transactions TO credits_auditor;

--
-- Name: TABLE clawbacks_off_ledger; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.clawbacks_off_ledger TO credits_auditor;

--
-- Name: TABLE guild_transactions; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.guild_transactions TO credits_auditor;

--
-- Name: TABLE credits_not_conserved; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.credits_not_conserved TO credits_auditor;

--
-- Name: TABLE fundings_off; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.fundings_off TO credits_auditor;

--
-- Name: TABLE gifts_off_ledger; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.gifts_off_ledger TO credits_auditor;

--
-- Name: TABLE member_spending_off_ledger; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.member_spending_off_ledger TO credits_auditor;

--
-- Name: TABLE pools_off_ledger; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.pools_off_ledger TO credits_auditor;

--
-- Name: TABLE purchases_off_ledger; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.purchases_off_ledger TO credits_auditor;

--
-- Name: TABLE refunds_over_usage; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.refunds_over_usage TO credits_auditor;

--
-- Name: TABLE reservations_off_ledger; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.reservations_off_ledger TO credits_auditor;

--
-- Name: TABLE usage_stats_off_ledger; Type: ACL; Schema: reconcile_new; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile_new.usage_stats_off_ledger TO credits_auditor;

--
-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: credits_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE credits_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;

--
-- PostgreSQL database dump complete
--
