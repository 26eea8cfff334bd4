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
-- Name: _check_counterpart(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._check_counterpart() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if (case new.type
        when 'purchase' then exists (
            select from credits.purchases p
            where p.user_id = new.user_id
                and p.id = credits._as_id(new.reference_id)
                and p.transaction_id = new.id
                and p.credits = new.amount
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

COMMENT ON FUNCTION credits._check_counterpart() IS 'Trigger at the end of the transaction: refuses a purchase, funding or gift in a personal ledger that has no purchase, pool or gift at its other side (UC017)';

--
-- Name: _check_guild_counterpart(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._check_guild_counterpart() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not exists (
        select from credits.transactions t
        where t.user_id = new.user_id
            and t.id = credits._as_id(new.reference_id)
            and t.reference_id = new.id::text
            and t.guild_id = new.organization_id
            and t.amount = -new.amount
    ) then
        raise exception using
            errcode = 'UC017',
            message = 'A funding needs its other side',
            hint = 'Fund pools with credits.fund_guild_pool';
    end if;
    return null;
end
$$;

ALTER FUNCTION credits._check_guild_counterpart() OWNER TO credits_owner;

--
-- Name: FUNCTION _check_guild_counterpart(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_guild_counterpart() IS 'Trigger at the end of the transaction: refuses a funding of a pool that left nobody''s balance (UC017)';

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
    AS $$
begin
    if p_metadata is null or jsonb_typeof(p_metadata) <> 'object' then
        perform credits._refuse_invalid('metadata', 'must be a JSON object');
    end if;
    -- jsonb prints a space after each colon and comma that the caller need not have sent: outside of strings, all spaces are those.
    if octet_length(p_metadata::text) > 16384
        or octet_length(p_metadata::text) > 8192
        and octet_length(p_metadata::text)
            - regexp_count(regexp_replace(p_metadata::text, '"([^"\\]|\\.)*"', '', 'g'), ' ') > 8192
    then
        perform credits._refuse_invalid('metadata', 'must be at most 8192 bytes as text');
    end if;
end
$$;

ALTER FUNCTION credits._check_metadata(p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION _check_metadata(p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._check_metadata(p_metadata jsonb) IS 'Raises UC001 unless p_metadata is a JSON object of at most 8 KiB as text';

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
-- Name: _fold_guild_transactions(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._fold_guild_transactions() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_folded bigint;
begin
    update credits.guild_pools p
    set
        balance = p.balance + r.amount,
        total_funded = p.total_funded + case when r.amount > 0 and not r.reversal then r.amount else 0 end,
        total_spent = r.total_spent_after,
        version = p.version + 1,
        last_transaction_id = r.id,
        updated_at = r.created_at
    from new_rows r
    where p.organization_id = r.organization_id
        and p.balance + p.reserved = r.balance_before
        and p.reserved = r.reserved_after
        and p.total_spent + case when r.amount < 0 or r.reversal then -r.amount else 0 end = r.total_spent_after
        and (p.last_transaction_id is null or p.last_transaction_id < r.id)
        -- What a constraint could say too; here it is read once for a session and not for every statement.
        and (r.amount < 0) = (r.type = 'usage')
        and r.reversal = (r.type = 'refund')
        and substr(r.id::text, 15, 1) = '7'
        and r.id < credits._id_floor(r.created_at + interval '1 minute')
        and jsonb_typeof(r.metadata) = 'object'
        and (r.metadata = '{}' or octet_length(r.metadata::text) <= 16384)
        and r.idempotency_key is distinct from '';
    get diagnostics v_folded = row_count;
    if v_folded <> (select count(*) from new_rows) then
        raise exception using
            errcode = 'UC017',
            message = 'A ledger row must be well-formed and continue the chain of its pool',
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;

    insert into credits.guild_member_spending as s (organization_id, user_id, day, spent)
    select r.organization_id, r.user_id, r.spending_day, -r.amount
    from new_rows r
    where r.type = 'usage'
    on conflict (organization_id, user_id, day) do update set spent = s.spent + excluded.spent;
    update credits.guild_member_spending s
    set spent = s.spent - r.amount
    from new_rows r
    where r.type = 'refund' and s.organization_id = r.organization_id and s.user_id = r.user_id and s.day = r.spending_day;
    perform credits._check_limits(r.organization_id, r.user_id, r.spending_day, -r.amount)
    from new_rows r
    where r.type = 'usage';
    return null;
end
$$;

ALTER FUNCTION credits._fold_guild_transactions() OWNER TO credits_owner;

--
-- Name: FUNCTION _fold_guild_transactions(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._fold_guild_transactions() IS 'Trigger: folds a new ledger row into its pool and its member''s spending, and refuses a row that is malformed or does not continue the pool''s chain (UC017), or goes beyond a limit (UC003)';

--
-- Name: _fold_transactions(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._fold_transactions() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_folded bigint;
begin
    update credits.balances b
    set
        balance = b.balance + r.amount,
        total_earned = b.total_earned + case when r.amount > 0 and not r.reversal then r.amount else 0 end,
        total_spent = r.total_spent_after,
        version = b.version + 1,
        last_transaction_id = r.id,
        updated_at = r.created_at
    from new_rows r
    where b.user_id = r.user_id
        and b.balance + b.reserved = r.balance_before
        and b.reserved = r.reserved_after
        and b.total_spent + case when r.amount < 0 or r.reversal then -r.amount else 0 end = r.total_spent_after
        and (b.last_transaction_id is null or b.last_transaction_id < r.id)
        -- What a constraint could say too; here it is read once for a session and not for every statement.
        and (r.type in ('gift', 'clawback') or (r.amount > 0) = (r.type in ('purchase', 'refund', 'grant')))
        and (not r.reversal or r.type in ('refund', 'gift', 'clawback'))
        and substr(r.id::text, 15, 1) = '7'
        and r.id < credits._id_floor(r.created_at + interval '1 minute')
        and jsonb_typeof(r.metadata) = 'object'
        and (r.metadata = '{}' or octet_length(r.metadata::text) <= 16384)
        and r.idempotency_key is distinct from '';
    get diagnostics v_folded = row_count;
    if v_folded <> (select count(*) from new_rows) then
        raise exception using
            errcode = 'UC017',
            message = 'A ledger row must be well-formed and continue the chain of its account',
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;

    insert into credits.usage_stats as s (user_id, app_id, date, credits_used, transactions_count)
    select r.user_id, r.app_id, (r.created_at at time zone 'UTC')::date, -r.amount, 1
    from new_rows r
    where r.type = 'usage'
    on conflict (user_id, date, app_id) do update
        set credits_used = s.credits_used + excluded.credits_used, transactions_count = s.transactions_count + 1;
    return null;
end
$$;

ALTER FUNCTION credits._fold_transactions() OWNER TO credits_owner;

--
-- Name: FUNCTION _fold_transactions(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._fold_transactions() IS 'Trigger: folds a new ledger row into its balance and usage statistics, and refuses a row that is malformed or does not continue its account''s chain (UC017)';

SET default_tablespace = '';

SET default_table_access_method = heap;

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
    CONSTRAINT guild_transactions_add_up CHECK (((amount <> (0)::numeric) AND (amount < ('1000000000000'::bigint)::numeric) AND (balance_after = (balance_before + amount)) AND (balance_after >= (0)::numeric) AND ((amount > (0)::numeric) OR (NOT reversal)) AND ((type = 'funding'::credits.guild_transaction_type) = (spending_day IS NULL))))
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
-- Name: _limits_day(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._limits_day() RETURNS date
    LANGUAGE sql STABLE
    AS $$
    select (clock_timestamp() at time zone s.limits_time_zone)::date from credits.settings s
$$;

ALTER FUNCTION credits._limits_day() OWNER TO credits_owner;

--
-- Name: FUNCTION _limits_day(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._limits_day() IS 'Today in the zone in which spending limits are cut';

--
-- Name: balances; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.balances (
    user_id credits.account_id NOT NULL,
    balance numeric(18,6) DEFAULT 0 NOT NULL,
    total_earned numeric(24,6) DEFAULT 0 NOT NULL,
    total_spent numeric(24,6) DEFAULT 0 NOT NULL,
    reserved numeric(18,6) DEFAULT 0 NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    last_transaction_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT balances_add_up CHECK (((balance = ((total_earned - total_spent) - reserved)) AND (balance >= (0)::numeric) AND (reserved >= (0)::numeric) AND (total_earned >= (0)::numeric) AND (total_spent >= (0)::numeric)))
)
WITH (fillfactor='70');

ALTER TABLE credits.balances OWNER TO credits_owner;

--
-- Name: TABLE balances; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.balances IS 'What each user owns. Written only by the triggers that fold ledger rows and reservations into it; a direct change of an amount is refused';

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
-- Name: COLUMN balances.version; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.version IS 'How many ledger rows the account has';

--
-- Name: COLUMN balances.last_transaction_id; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.balances.last_transaction_id IS 'The newest ledger row, the end of the account''s chain';

--
-- Name: _lock_balance(text, boolean); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._lock_balance(p_user_id text, p_create boolean) RETURNS credits.balances
    LANGUAGE plpgsql
    AS $$
declare
    v_balance credits.balances;
begin
    select * into v_balance from credits.balances where user_id = p_user_id for no key update;
    if not found and p_create then
        insert into credits.balances (user_id) values (p_user_id) on conflict (user_id) do nothing;
        select * into v_balance from credits.balances where user_id = p_user_id for no key update;
    end if;
    return v_balance;
end
$$;

ALTER FUNCTION credits._lock_balance(p_user_id text, p_create boolean) OWNER TO credits_owner;

--
-- Name: FUNCTION _lock_balance(p_user_id text, p_create boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._lock_balance(p_user_id text, p_create boolean) IS 'Locks a user''s balance until the transaction ends and returns it; an account never seen is made when p_create, else all null is returned';

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
    CONSTRAINT guild_pools_add_up CHECK (((balance = ((total_funded - total_spent) - reserved)) AND (balance >= (0)::numeric) AND (reserved >= (0)::numeric) AND (total_funded >= (0)::numeric) AND (total_spent >= (0)::numeric)))
)
WITH (fillfactor='70');

ALTER TABLE credits.guild_pools OWNER TO credits_owner;

--
-- Name: TABLE guild_pools; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.guild_pools IS 'What each guild shares. Written only by the triggers that fold ledger rows and reservations into it; a direct change of an amount is refused';

--
-- Name: COLUMN guild_pools.version; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON COLUMN credits.guild_pools.version IS 'How many ledger rows the pool has';

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
    return v_pool;
end
$$;

ALTER FUNCTION credits._lock_pool(p_organization_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION _lock_pool(p_organization_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._lock_pool(p_organization_id text) IS 'Locks a guild''s pool until the transaction ends and returns it. Raises UC001 or UC005 when there is none';

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
    CONSTRAINT transactions_add_up CHECK (((amount <> (0)::numeric) AND (amount < ('1000000000000'::bigint)::numeric) AND (balance_after = (balance_before + amount)) AND ((amount > (0)::numeric) OR ((NOT reversal) AND ((balance_after >= (0)::numeric) OR (type = 'clawback'::credits.transaction_type))))))
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
declare
    v_id uuid := credits._new_id();
    v_last text;
    v_ordered text;
begin
    if p_last is null or v_id > p_last then
        return v_id;
    end if;
    -- The clock went back (or two rows share a tick): count on from the last id's 60 bits of time, so that order never breaks.
    v_last := replace(p_last::text, '-', '');
    v_ordered := lpad(
        to_hex((('x' || substr(v_last, 1, 12) || substr(v_last, 14, 3))::bit(60)::bigint) + 1), 15, '0'
    );
    return (
        substr(v_ordered, 1, 12) || '7' || substr(v_ordered, 13, 3) || substr(replace(v_id::text, '-', ''), 17)
    )::uuid;
end
$$;

ALTER FUNCTION credits._next_id(p_last uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION _next_id(p_last uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._next_id(p_last uuid) IS 'A time-ordered id that sorts after p_last, whatever the clock does: the order of an account''s ids is the order of its ledger';

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
    if p_amount > 0 and p_pool.balance + p_amount > 999999999999.999999 then
        perform credits._refuse_too_large(p_pool.balance, p_amount);
    end if;
    if p_type = 'funding' or p_reference_id is not null then
        -- The other side is written next, whatever the caller has set for the constraints of its own.
        set constraints credits.check_guild_counterpart deferred;
    end if;
    insert into credits.guild_transactions (
        organization_id, id, user_id, type, amount, balance_before, balance_after, reserved_after, total_spent_after, reversal,
        spending_day, app_id, description, metadata, idempotency_key, reference_id, created_at
    )
    values (
        p_pool.organization_id, coalesce(p_id, credits._next_id(p_pool.last_transaction_id)), p_user_id, p_type, p_amount, v_owned,
        v_owned + p_amount, p_pool.reserved,
        p_pool.total_spent + case when p_amount < 0 or p_reversal then -p_amount else 0 end, p_reversal,
        p_spending_day, p_app_id, p_description, p_metadata, p_idempotency_key, p_reference_id,
        greatest(clock_timestamp(), p_pool.updated_at)
    )
    returning * into v_row;
    return v_row;
end
$$;

ALTER FUNCTION credits._post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid) OWNER TO credits_owner;

--
-- Name: FUNCTION _post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid) IS 'Writes one ledger row for a pool that the caller has locked and not changed since, under p_id if the caller has made one already; the fold trigger moves the pool. Raises UC008 when the pool would grow too large';

--
-- Name: _post_transaction(credits.balances, credits.transaction_type, numeric, text, text, text, jsonb, text, text, boolean); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb, p_guild_id text DEFAULT NULL::text, p_reference_id text DEFAULT NULL::text, p_reversal boolean DEFAULT false) RETURNS credits.transactions
    LANGUAGE plpgsql
    AS $$
declare
    v_owned numeric := p_balance.balance + p_balance.reserved;
    v_now timestamptz := greatest(clock_timestamp(), p_balance.updated_at);
    v_row credits.transactions;
begin
    if p_amount > 0 and p_balance.balance + p_amount > 999999999999.999999 then
        perform credits._refuse_too_large(p_balance.balance, p_amount);
    end if;
    if p_type <> 'usage' or p_reference_id is not null then
        -- The other side is written next, whatever the caller has set for the constraints of its own.
        set constraints credits.check_counterpart deferred;
    end if;
    insert into credits.transactions (
        user_id, id, type, amount, balance_before, balance_after, reserved_after, total_spent_after, reversal,
        app_id, description, metadata, idempotency_key, guild_id, reference_id, created_at, completed_at
    )
    values (
        p_balance.user_id, credits._next_id(p_balance.last_transaction_id), p_type, p_amount, v_owned, v_owned + p_amount,
        p_balance.reserved, p_balance.total_spent + case when p_amount < 0 or p_reversal then -p_amount else 0 end, p_reversal,
        p_app_id, p_description, p_metadata, p_idempotency_key, p_guild_id, p_reference_id, v_now, v_now
    )
    returning * into v_row;
    return v_row;
end
$$;

ALTER FUNCTION credits._post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean) OWNER TO credits_owner;

--
-- Name: FUNCTION _post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean) IS 'Writes one ledger row for a balance that the caller has locked and not changed since; the fold trigger moves the balance. Raises UC008 when the balance would grow too large';

--
-- Name: _protect_balances(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._protect_balances() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception using
        errcode = 'UC017',
        message = format('%I.%I follows its ledger and is never written directly', tg_table_schema, tg_table_name),
        hint = 'Move credits with the functions of the schemas credits and gifts';
end
$$;

ALTER FUNCTION credits._protect_balances() OWNER TO credits_owner;

--
-- Name: FUNCTION _protect_balances(); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits._protect_balances() IS 'Trigger: refuses every change of an amount that does not come from the trigger that folds the ledger, and every delete (UC017)';

--
-- Name: _protect_ledger(); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits._protect_ledger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
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

COMMENT ON FUNCTION credits._protect_ledger() IS 'Trigger: refuses every update, delete and truncate of an append-only table (UC017)';

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
        select sum(m.spent) filter (where m.day = p_day) as today, sum(m.spent) as this_month
        from credits.guild_member_spending m
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

COMMENT ON FUNCTION credits._spending_windows(p_organization_id text, p_user_id text, p_day date) IS 'A member''s limits and what was spent of a pool in the day and month of p_day; reads at most 31 counters';

--
-- Name: attach_payment(text, uuid, text, text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text DEFAULT NULL::text, p_stripe_checkout_session_id text DEFAULT NULL::text, p_stripe_customer_id text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update credits.purchases
    set
        stripe_payment_intent_id = coalesce(stripe_payment_intent_id, p_stripe_payment_intent_id),
        stripe_checkout_session_id = coalesce(stripe_checkout_session_id, p_stripe_checkout_session_id),
        stripe_customer_id = coalesce(stripe_customer_id, p_stripe_customer_id),
        updated_at = clock_timestamp()
    where user_id = p_user_id and id = p_purchase_id;
end
$$;

ALTER FUNCTION credits.attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text, p_stripe_customer_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text, p_stripe_customer_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.attach_payment(p_user_id text, p_purchase_id uuid, p_stripe_payment_intent_id text, p_stripe_checkout_session_id text, p_stripe_customer_id text) IS 'Notes which Stripe objects belong to a purchase; what is known already stays.
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
begin
    perform credits._check_id('userId', p_user_id);
    select * into v_package from credits.packages where id = p_package_id and active;
    if not found then
        raise exception using
            errcode = 'UC006',
            message = 'There is no such package',
            detail = json_build_object('packageId', p_package_id)::text,
            hint = 'Take an id from credits.list_packages';
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
Errors: UC001 invalid_request, UC006 package_not_found.
Idempotency: none; each call is a purchase of its own, and none of them moves credits.
Locks: the new purchase.';

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
begin
    select * into v_purchase from credits.purchases where user_id = p_user_id and id = p_purchase_id for no key update;
    if not found then
        return query select 'unknown_purchase', null::uuid, null::numeric;
        return;
    end if;
    if v_purchase.status = 'completed' then
        return query select 'already_completed', v_purchase.transaction_id, null::numeric;
        return;
    end if;
    if v_purchase.price_euro_cents is distinct from p_amount_cents or v_purchase.currency is distinct from lower(p_currency) then
        update credits.purchases
        set failure_reason = 'amount_mismatch', updated_at = clock_timestamp()
        where user_id = p_user_id and id = p_purchase_id;
        return query select 'amount_mismatch', null::uuid, null::numeric;
        return;
    end if;

    v_balance := credits._lock_balance(p_user_id, p_create => true);
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
    where user_id = p_user_id and id = p_purchase_id;
    return query select 'completed', v_row.id, v_row.balance_after - v_row.reserved_after;
end
$$;

ALTER FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text) IS 'Credits a purchase that Stripe says is paid, if amount and currency are the purchase''s own. A success counts whatever was reported before it.
Outcomes: completed, already_completed, amount_mismatch (nothing moves; the purchase keeps the reason), unknown_purchase (nothing moves).
Errors: UC008 balance_too_large.
Idempotency: by the purchase, which is credited once however often and however many at once this is called.
Locks: the purchase, then the user''s balance.';

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
begin
    if p_status is null or p_status not in ('processing', 'failed', 'cancelled') then
        perform credits._refuse_invalid('status', 'must be processing, failed or cancelled');
    end if;
    select * into v_purchase from credits.purchases where user_id = p_user_id and id = p_purchase_id for no key update;
    if not found then
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
    update credits.purchases
    set status = p_status::credits.purchase_status, failure_reason = p_reason, updated_at = clock_timestamp()
    where user_id = p_user_id and id = p_purchase_id;
    return query select 'updated';
end
$$;

ALTER FUNCTION credits.fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text) OWNER TO credits_owner;

--
-- Name: FUNCTION fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text) IS 'Notes that a payment is processing, has failed or was cancelled. It never undoes a completed purchase, and never hinders a later success.
Outcomes: updated, unchanged, unknown_purchase.
Errors: UC001 invalid_request.
Idempotency: by nature.
Locks: the purchase.';

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
        select * into v_row
        from credits.transactions t
        where t.user_id = p_user_id and t.idempotency_key = p_idempotency_key;
        v_replayed := found;
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
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC002 insufficient_credits, UC008 balance_too_large.
Idempotency: p_idempotency_key within the funder''s account; a retry returns the first movement with replayed = true.
Locks: the pool, then the user''s balance.';

--
-- Name: get_balance(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_balance(p_user_id text) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return query
    select b.user_id::text, b.balance, b.total_earned, b.total_spent, b.reserved, b.version, b.created_at, b.updated_at
    from credits.balances b
    where b.user_id = p_user_id;
    if not found then
        perform credits._check_id('userId', p_user_id);
        return query select p_user_id, 0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::bigint, null::timestamptz, null::timestamptz;
    end if;
end
$$;

ALTER FUNCTION credits.get_balance(p_user_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION get_balance(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.get_balance(p_user_id text) IS 'The balance of a user; all zeros for a user never seen, and nothing is written.
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
    select p.organization_id::text, p.balance, p.total_funded, p.total_spent, p.reserved, p.created_at, p.updated_at
    from credits.guild_pools p
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

COMMENT ON FUNCTION credits.get_guild_balance(p_organization_id text) IS 'The pool of a guild.
Errors: UC005 guild_pool_not_found.
Idempotency: reads only.
Locks: none.';

--
-- Name: get_purchase(text, uuid); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.get_purchase(p_user_id text, p_purchase_id uuid) RETURNS TABLE(id uuid, package_id uuid, credits numeric, price_euro_cents integer, currency text, status credits.purchase_status, stripe_payment_intent_id text, created_at timestamp with time zone, completed_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return query
    select
        p.id, p.package_id, p.credits, p.price_euro_cents, p.currency, p.status, p.stripe_payment_intent_id,
        p.created_at, p.completed_at
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
-- Name: init_balance(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.init_balance(p_user_id text) RETURNS TABLE(user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, transactions_count bigint, created_at timestamp with time zone, updated_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform credits._check_id('userId', p_user_id);
    insert into credits.balances (user_id) values (p_user_id) on conflict do nothing;
    return query
    select b.user_id::text, b.balance, b.total_earned, b.total_spent, b.reserved, b.version, b.created_at, b.updated_at
    from credits.balances b
    where b.user_id = p_user_id;
end
$$;

ALTER FUNCTION credits.init_balance(p_user_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION init_balance(p_user_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.init_balance(p_user_id text) IS 'Opens a user''s account with nothing in it, or returns the one that is there.
Errors: UC001 invalid_request.
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
    insert into credits.guild_pools (organization_id) values (p_organization_id) on conflict do nothing;
    return query
    select p.organization_id::text, p.balance, p.total_funded, p.total_spent, p.reserved, p.created_at, p.updated_at
    from credits.guild_pools p
    where p.organization_id = p_organization_id;
end
$$;

ALTER FUNCTION credits.init_guild_pool(p_organization_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION init_guild_pool(p_organization_id text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.init_guild_pool(p_organization_id text) IS 'Opens a guild''s pool with nothing in it, or returns the one that is there.
Errors: UC001 invalid_request.
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
        where t.organization_id = p_organization_id and t.user_id = p_user_id and t.id < v_below
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

CREATE FUNCTION credits.list_purchases(p_user_id text, p_limit integer DEFAULT 50, p_offset bigint DEFAULT 0, p_cursor uuid DEFAULT NULL::uuid) RETURNS TABLE(id uuid, package_id uuid, credits numeric, price_euro_cents integer, currency text, status credits.purchase_status, stripe_payment_intent_id text, created_at timestamp with time zone, completed_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        p.id, p.package_id, p.credits, p.price_euro_cents, p.currency, p.status, p.stripe_payment_intent_id,
        p.created_at, p.completed_at
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
-- Name: reconcile(text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.reconcile(p_check_name text DEFAULT NULL::text) RETURNS TABLE(check_name text, description text, discrepancies bigint, milliseconds numeric, sample jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_view record;
    v_started timestamptz;
begin
    for v_view in
        select c.relname as name, obj_description(c.oid) as description
        from pg_class c
        where c.relnamespace = 'reconcile'::regnamespace
            and c.relkind = 'v'
            and (p_check_name is null or c.relname = p_check_name)
        order by c.relname
    loop
        v_started := clock_timestamp();
        check_name := v_view.name;
        description := v_view.description;
        execute format(
            'select count(*), jsonb_agg(to_jsonb(off) - ''place'') filter (where place <= 5)
             from (select *, row_number() over () as place from reconcile.%I) off',
            v_view.name
        ) into discrepancies, sample;
        milliseconds := round((extract(epoch from clock_timestamp() - v_started) * 1000)::numeric, 1);
        return next;
    end loop;
end
$$;

ALTER FUNCTION credits.reconcile(p_check_name text) OWNER TO credits_owner;

--
-- Name: FUNCTION reconcile(p_check_name text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.reconcile(p_check_name text) IS 'Runs every view of the schema reconcile, or the one named p_check_name: one row each, with the number of discrepancies (0 when all is well), the time it took and up to five of them.
Errors: none.
Idempotency: reads only.
Locks: none.';

--
-- Name: refund_credits(text, numeric, text, text, uuid, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text DEFAULT NULL::text, p_transaction_id uuid DEFAULT NULL::uuid, p_idempotency_key text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS credits.movement
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_balance credits.balances;
    v_row credits.transactions;
begin
    perform credits._check_id('userId', p_user_id);
    if p_app_id is not null then
        perform credits._check_id('appId', p_app_id);
    end if;
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    if p_transaction_id is not null then
        perform credits._refuse_invalid('transactionId', 'cannot be refunded by this version; leave it out to credit the user');
    end if;
    v_balance := credits._lock_balance(p_user_id, p_create => true);

    if p_idempotency_key is not null then
        select * into v_row
        from credits.transactions
        where user_id = p_user_id and idempotency_key = p_idempotency_key;
        if found then
            if (v_row.type, v_row.amount, v_row.app_id, v_row.description, v_row.metadata, v_row.reference_id)
                is distinct from ('refund', p_amount, p_app_id, p_description, p_metadata, p_transaction_id::text)
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            return credits._movement(v_row, true);
        end if;
    end if;

    v_row := credits._post_transaction(
        v_balance, 'refund', p_amount, p_description, p_app_id, p_idempotency_key, p_metadata
    );
    return credits._movement(v_row, false);
end
$$;

ALTER FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) IS 'Credits a user: what comes in raises total_earned.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC008 balance_too_large.
Idempotency: p_idempotency_key within the user''s account; a retry returns the first movement with replayed = true.
Locks: the user''s balance.';

--
-- Name: save_stripe_customer(text, text, text, text); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text DEFAULT NULL::text, p_replaces text DEFAULT NULL::text) RETURNS TABLE(stripe_customer_id text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
    perform credits._check_id('userId', p_user_id);
    insert into credits.stripe_customers as c (user_id, stripe_customer_id, email)
    values (p_user_id, p_stripe_customer_id, p_email)
    on conflict (user_id) do update
        set stripe_customer_id = excluded.stripe_customer_id, email = excluded.email, updated_at = clock_timestamp()
        where c.stripe_customer_id = p_replaces;
    return query select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id;
end
$$;

ALTER FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text) OWNER TO credits_owner;

--
-- Name: FUNCTION save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text) IS 'Remembers the Stripe customer of a user and returns the one that counts: the first that was saved, or that took the place of p_replaces, which Stripe no longer knows.
Errors: UC001 invalid_request.
Idempotency: by nature; of two at once one is kept, and both callers get it.
Locks: the new mapping.';

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
begin
    perform credits._check_id('organizationId', p_organization_id);
    perform credits._check_id('userId', p_user_id);
    if v_set_daily and p_daily_limit is not null and p_daily_limit <> 0 and not credits._is_amount(p_daily_limit) then
        perform credits._refuse_invalid('dailyLimit', 'must be null, or from 0 to 999999999.999999 with at most 6 decimals');
    end if;
    if v_set_monthly and p_monthly_limit is not null and p_monthly_limit <> 0 and not credits._is_amount(p_monthly_limit) then
        perform credits._refuse_invalid('monthlyLimit', 'must be null, or from 0 to 999999999.999999 with at most 6 decimals');
    end if;
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
            updated_at = clock_timestamp()
    returning l.daily_limit, l.monthly_limit;
end
$$;

ALTER FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) OWNER TO credits_owner;

--
-- Name: FUNCTION set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) IS 'Sets how much a member may use of a pool in a day and a month; 0 blocks. A limit that is not given stays as it is; to remove one, give null and p_set_daily or p_set_monthly true.
With p_set_daily or p_set_monthly false that limit stays whatever is given.
Errors: UC001 invalid_request.
Idempotency: by nature.
Locks: the member''s limits.';

--
-- Name: use_credits(text, numeric, text, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS credits.movement
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_balance credits.balances;
    v_row credits.transactions;
begin
    perform credits._check_id('appId', p_app_id);
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    v_balance := credits._lock_balance(p_user_id, p_create => false);

    if p_idempotency_key is not null then
        select * into v_row
        from credits.transactions
        where user_id = p_user_id and idempotency_key = p_idempotency_key;
        if found then
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
    if v_balance.balance >= p_amount is not true then
        perform credits._refuse_insufficient(p_amount, v_balance.balance);
    end if;
    v_row := credits._post_transaction(
        v_balance, 'usage', -p_amount, p_description, p_app_id, p_idempotency_key, p_metadata
    );
    return credits._movement(v_row, false);
end
$$;

ALTER FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) IS 'Debits a user''s personal balance for something used in an app.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC002 insufficient_credits.
Idempotency: p_idempotency_key within the user''s account; a retry returns the first movement with replayed = true.
Locks: the user''s balance.';

--
-- Name: use_guild_credits(text, text, numeric, text, text, text, jsonb); Type: FUNCTION; Schema: credits; Owner: credits_owner
--

CREATE FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text DEFAULT NULL::text, p_metadata jsonb DEFAULT '{}'::jsonb) RETURNS credits.guild_movement
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_pool credits.guild_pools;
    v_row credits.guild_transactions;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._check_id('appId', p_app_id);
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    v_pool := credits._lock_pool(p_organization_id);

    if p_idempotency_key is not null then
        select * into v_row
        from credits.guild_transactions
        where organization_id = p_organization_id and idempotency_key = p_idempotency_key;
        if found then
            if (v_row.user_id, v_row.type, v_row.amount, v_row.app_id, v_row.description, v_row.metadata, v_row.reference_id)
                is distinct from (p_user_id, 'usage', -p_amount, p_app_id, p_description, p_metadata, null)
            then
                perform credits._refuse_reused_key(p_idempotency_key);
            end if;
            return credits._guild_movement(v_row, true);
        end if;
    end if;

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

ALTER FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) OWNER TO credits_owner;

--
-- Name: FUNCTION use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) IS 'Debits a guild''s pool for something a member used in an app, within the member''s daily and monthly limits.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC002 insufficient_credits, UC003 spending_limit_exceeded (daily before monthly).
Idempotency: p_idempotency_key within the guild''s account, the member being one of the parameters; a retry returns the first movement with replayed = true.
Locks: the pool.';

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
    v_since uuid := credits._id_floor(clock_timestamp() - v_window);
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
-- Name: _check_request(gifts.gift_type, numeric, integer, text, text, text, text, text, timestamp with time zone, integer, text, text); Type: FUNCTION; Schema: gifts; Owner: credits_owner
--

CREATE FUNCTION gifts._check_request(p_type gifts.gift_type, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text, p_riddle_question text, p_riddle_answer text, p_message text, p_expires_at timestamp with time zone, p_expiration_days integer, p_source_app_id text, p_idempotency_key text) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $_$
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
    if p_target_email is not null and (p_target_email !~ '^[^@\s]+@[^@\s]+$' or char_length(p_target_email) > 254) then
        perform credits._refuse_invalid('targetEmail', 'must be an e-mail address');
    end if;
    if p_target_matrix_id is not null then
        perform credits._check_id('targetMatrixId', p_target_matrix_id);
    end if;
    if p_type = 'personalized' and p_target_email is null and p_target_matrix_id is null then
        perform credits._refuse_invalid('targetEmail', 'or targetMatrixId must be given for a personalized gift');
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
        perform credits._refuse_invalid('expiresAt', 'and expirationDays exclude each other');
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
$_$;

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
    v_code text := upper(regexp_replace(left(p_code, 100), '[\s-]', '', 'g'));
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

COMMENT ON FUNCTION gifts._normalize_code(p_code text) IS 'A code as people type it (lower case, spaces, hyphens) in the form it is kept; null for what cannot be a code, so that it is not even looked up';

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
    if p_gift.status = 'refunded' or (p_gift.status = 'active' and p_gift.expires_at <= clock_timestamp()) then
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
            'retryAfterSeconds', greatest(1, ceil(extract(epoch from p_until - clock_timestamp())))::integer
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
begin
    update gifts.gift_codes
    set status = p_status, refunded_credits = v_row.amount, refund_transaction_id = v_row.id, updated_at = v_row.created_at
    where code = p_gift.code;
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
    select case when p_status = 'active' and p_expires_at <= clock_timestamp() then 'expired' else p_status end
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
        select v_gift.id, v_gift.refunded_credits, t.balance_after - t.reserved_after, true
        from credits.transactions t
        where t.user_id = p_creator_id and t.id = v_gift.refund_transaction_id;
        return;
    end if;
    if v_gift.status <> 'active' then
        perform gifts._refuse_inactive(v_gift.status);
    end if;
    v_row := gifts._return_unclaimed(v_gift, 'cancelled');
    return query select v_gift.id, v_row.amount, v_row.balance_after - v_row.reserved_after, false;
end
$$;

ALTER FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) OWNER TO credits_owner;

--
-- Name: FUNCTION cancel_gift(p_gift_id uuid, p_creator_id text); Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON FUNCTION gifts.cancel_gift(p_gift_id uuid, p_creator_id text) IS 'Takes an active gift back: its unclaimed credits return to its creator.
Errors: UG001 gift_not_found (also for somebody else''s gift), UG002 gift_not_active (used up, or paid back already).
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
        select * into v_charge
        from credits.transactions t
        where t.user_id = p_creator_id and t.idempotency_key = p_idempotency_key;
        if found then
            select * into v_gift
            from gifts.gift_codes g
            where g.creator_id = p_creator_id and g.id::text = v_charge.reference_id and v_charge.type = 'gift';
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
        if p_expires_at <= clock_timestamp() or p_expires_at > clock_timestamp() + interval '3650 days' then
            perform credits._refuse_invalid('expiresAt', 'must lie in the future, at most 3650 days from now');
        end if;
        v_gift.id := credits._new_id();
        v_gift.credits_per_portion := trunc(p_total_credits / v_portions);
        v_gift.total_credits := v_gift.credits_per_portion * v_portions;
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
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC001 invalid_request (expiresAt in the past), UC002 insufficient_credits.
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
        where status = 'active' and expires_at <= clock_timestamp()
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
    return query
    select
        g.code, g.type, gifts._status_now(g.status, g.expires_at), g.total_credits, g.credits_per_portion,
        g.total_portions, g.claimed_portions, g.total_portions - g.claimed_portions, g.status = 'depleted',
        g.riddle_question is not null, g.riddle_question,
        g.target_email is not null or g.target_matrix_id is not null, g.message, g.creator_name, g.expires_at
    from gifts.gift_codes g
    where g.code = gifts._normalize_code(p_code);
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
        select * into v_row
        from credits.transactions t
        where t.user_id = p_user_id and t.idempotency_key = p_idempotency_key;
        v_replayed := found;
    end if;
    if v_replayed then
        if v_row.type <> 'gift' or v_row.amount < 0 or v_row.reference_id is distinct from v_gift.id::text
            or v_row.app_id is distinct from p_source_app_id
            or (
                p_riddle_answer is not null
                and v_gift.riddle_answer_hash is not null
                and not gifts._answer_is_right(left(p_riddle_answer, 200), v_gift.riddle_answer_hash)
            )
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
    else
        perform gifts._check_attempts(v_gift, p_user_id);
        v_refusal := gifts._refusal(v_gift, p_user_id, p_email, p_matrix_id, p_riddle_answer);
        if v_refusal is not null then
            insert into gifts.gift_redemptions (code, id, gift_code_id, redeemer_user_id, status, source_app_id, created_at)
            values (v_gift.code, credits._new_id(), v_gift.id, p_user_id, v_refusal, p_source_app_id, clock_timestamp());
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
Errors: UC001 invalid_request, UG001 gift_not_found, UC004 idempotency_key_reused, UG008 too_many_attempts, status failed_already_claimed, status failed_expired, UG002 gift_not_active (cancelled), status failed_depleted, status failed_wrong_user, UG005 riddle_answer_required, status failed_wrong_answer, UC008 balance_too_large.
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
    if p_email is null or btrim(p_email) = '' then
        perform credits._refuse_invalid('email', 'must be an e-mail address');
    end if;
    -- All gifts first, then the balance: the one order in which every function takes locks.
    select array_agg(pending order by pending.code) into v_pending
    from (
        select * from gifts.gift_codes g
        where lower(g.target_email) = lower(p_email)
            and g.status = 'active'
            and g.expires_at > clock_timestamp()
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
Errors: UC001 invalid_request, UC008 balance_too_large.
Idempotency: by nature; each gift is given once.
Locks: the gifts in the order of their codes, then the user''s balance.';

--
-- Name: guild_member_spending; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.guild_member_spending (
    organization_id text NOT NULL,
    user_id text NOT NULL,
    day date NOT NULL,
    spent numeric(18,6) NOT NULL,
    CONSTRAINT guild_member_spending_never_negative CHECK ((spent >= (0)::numeric))
)
WITH (fillfactor='70');

ALTER TABLE credits.guild_member_spending OWNER TO credits_owner;

--
-- Name: TABLE guild_member_spending; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.guild_member_spending IS 'What a member used of a pool by local day, folded from the pool''s ledger, so that a limit is checked without summing history';

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
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    completed_at timestamp with time zone,
    CONSTRAINT purchases_are_worth_something CHECK (((credits > (0)::numeric) AND (price_euro_cents > 0))),
    CONSTRAINT purchases_credited_when_completed CHECK ((((status = 'completed'::credits.purchase_status) = (transaction_id IS NOT NULL)) AND ((status = 'completed'::credits.purchase_status) = (completed_at IS NOT NULL))))
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
-- Name: usage_stats; Type: TABLE; Schema: credits; Owner: credits_owner
--

CREATE TABLE credits.usage_stats (
    user_id text NOT NULL,
    app_id text NOT NULL,
    date date NOT NULL,
    credits_used numeric(24,6) NOT NULL,
    transactions_count bigint NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE credits.usage_stats OWNER TO credits_owner;

--
-- Name: TABLE usage_stats; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TABLE credits.usage_stats IS 'Personal usage by user, app and UTC day, folded from the ledger';

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
         SELECT transactions.user_id,
            transactions.id,
            transactions.balance_before,
            transactions.balance_after,
            lag(transactions.balance_after, 1, (0)::numeric) OVER account AS before_by_chain,
            (lead(transactions.id) OVER account IS NULL) AS is_last
           FROM credits.transactions
          WINDOW account AS (PARTITION BY transactions.user_id ORDER BY transactions.id)
        )
 SELECT chain.user_id AS account,
    format('balance_before of %s'::text, chain.id) AS what,
    chain.before_by_chain AS expected,
    chain.balance_before AS actual,
    (chain.balance_before - chain.before_by_chain) AS difference
   FROM chain
  WHERE (chain.balance_before <> chain.before_by_chain)
UNION ALL
 SELECT b.user_id AS account,
    format('the end of the chain, %s'::text, c.id) AS what,
    c.balance_after AS expected,
    (b.balance + b.reserved) AS actual,
    ((b.balance + b.reserved) - c.balance_after) AS difference
   FROM (chain c
     JOIN credits.balances b ON (((b.user_id)::text = c.user_id)))
  WHERE (c.is_last AND ((b.last_transaction_id IS DISTINCT FROM c.id) OR ((b.balance + b.reserved) <> c.balance_after)));

ALTER VIEW reconcile.broken_chains OWNER TO credits_owner;

--
-- Name: VIEW broken_chains; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.broken_chains IS 'Personal ledger rows that do not continue the one before, and balances that are not where their chain ends';

--
-- Name: broken_pool_chains; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.broken_pool_chains AS
 WITH chain AS (
         SELECT guild_transactions.organization_id,
            guild_transactions.id,
            guild_transactions.balance_before,
            guild_transactions.balance_after,
            lag(guild_transactions.balance_after, 1, (0)::numeric) OVER account AS before_by_chain,
            (lead(guild_transactions.id) OVER account IS NULL) AS is_last
           FROM credits.guild_transactions
          WINDOW account AS (PARTITION BY guild_transactions.organization_id ORDER BY guild_transactions.id)
        )
 SELECT chain.organization_id AS account,
    format('balance_before of %s'::text, chain.id) AS what,
    chain.before_by_chain AS expected,
    chain.balance_before AS actual,
    (chain.balance_before - chain.before_by_chain) AS difference
   FROM chain
  WHERE (chain.balance_before <> chain.before_by_chain)
UNION ALL
 SELECT p.organization_id AS account,
    format('the end of the chain, %s'::text, c.id) AS what,
    c.balance_after AS expected,
    (p.balance + p.reserved) AS actual,
    ((p.balance + p.reserved) - c.balance_after) AS difference
   FROM (chain c
     JOIN credits.guild_pools p ON (((p.organization_id)::text = c.organization_id)))
  WHERE (c.is_last AND ((p.last_transaction_id IS DISTINCT FROM c.id) OR ((p.balance + p.reserved) <> c.balance_after)));

ALTER VIEW reconcile.broken_pool_chains OWNER TO credits_owner;

--
-- Name: VIEW broken_pool_chains; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.broken_pool_chains IS 'Ledger rows of pools that do not continue the one before, and pools that are not where their chain ends';

--
-- Name: credits_not_conserved; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.credits_not_conserved AS
 WITH flows AS (
         SELECT (( SELECT COALESCE(sum(transactions.amount), (0)::numeric) AS "coalesce"
                   FROM credits.transactions
                  WHERE (transactions.type <> ALL (ARRAY['gift'::credits.transaction_type, 'guild_funding'::credits.transaction_type]))) + ( SELECT COALESCE(sum(guild_transactions.amount), (0)::numeric) AS "coalesce"
                   FROM credits.guild_transactions
                  WHERE (guild_transactions.type <> 'funding'::credits.guild_transaction_type))) AS entered,
            ((( SELECT COALESCE(sum((balances.balance + balances.reserved)), (0)::numeric) AS "coalesce"
                   FROM credits.balances) + ( SELECT COALESCE(sum((guild_pools.balance + guild_pools.reserved)), (0)::numeric) AS "coalesce"
                   FROM credits.guild_pools)) + ( SELECT COALESCE(sum((gift_codes.credits_per_portion * ((gift_codes.total_portions - gift_codes.claimed_portions))::numeric)), (0)::numeric) AS "coalesce"
                   FROM gifts.gift_codes
                  WHERE (gift_codes.status = 'active'::gifts.gift_status))) AS held
        )
 SELECT 'everybody'::text AS account,
    'credits in balances, pools, gifts and reservations'::text AS what,
    entered AS expected,
    held AS actual,
    (held - entered) AS difference
   FROM flows
  WHERE (entered <> held);

ALTER VIEW reconcile.credits_not_conserved OWNER TO credits_owner;

--
-- Name: VIEW credits_not_conserved; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.credits_not_conserved IS 'Not empty when credits were made or lost inside: all that came in, less all that was used, must lie in balances, pools, gifts and reservations';

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
            transactions.completed_at
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
            guild_transactions.created_at
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
            transactions.completed_at
           FROM credits.transactions
          WHERE (transactions.type = 'purchase'::credits.transaction_type)) t ON (((t.user_id = (p.user_id)::text) AND (t.reference_id = (p.id)::text))))
  WHERE ((COALESCE(p.credits, (0)::numeric) <> COALESCE(t.amount, (0)::numeric)) OR (p.transaction_id IS DISTINCT FROM t.id));

ALTER VIEW reconcile.purchases_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW purchases_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.purchases_off_ledger IS 'Completed purchases that were not credited, and credited ones that were not completed';

--
-- Name: usage_stats_off_ledger; Type: VIEW; Schema: reconcile; Owner: credits_owner
--

CREATE VIEW reconcile.usage_stats_off_ledger AS
 WITH ledger AS (
         SELECT transactions.user_id,
            transactions.app_id,
            ((transactions.created_at AT TIME ZONE 'UTC'::text))::date AS date,
            (- sum(transactions.amount)) AS used,
            count(*) AS rows
           FROM credits.transactions
          WHERE (transactions.type = 'usage'::credits.transaction_type)
          GROUP BY transactions.user_id, transactions.app_id, (((transactions.created_at AT TIME ZONE 'UTC'::text))::date)
        )
 SELECT COALESCE(s.user_id, l.user_id) AS account,
    format('%s of %s on %s'::text, figures.what, COALESCE(s.app_id, (l.app_id)::text), COALESCE(s.date, l.date)) AS what,
    figures.expected,
    figures.actual,
    (figures.actual - figures.expected) AS difference
   FROM ((credits.usage_stats s
     FULL JOIN ledger l ON (((l.user_id = s.user_id) AND ((l.app_id)::text = s.app_id) AND (l.date = s.date))))
     CROSS JOIN LATERAL ( VALUES ('credits_used'::text,COALESCE(l.used, (0)::numeric),COALESCE(s.credits_used, (0)::numeric)), ('transactions_count'::text,COALESCE(l.rows, (0)::bigint),COALESCE(s.transactions_count, (0)::bigint))) figures(what, expected, actual))
  WHERE (figures.expected <> figures.actual);

ALTER VIEW reconcile.usage_stats_off_ledger OWNER TO credits_owner;

--
-- Name: VIEW usage_stats_off_ledger; Type: COMMENT; Schema: reconcile; Owner: credits_owner
--

COMMENT ON VIEW reconcile.usage_stats_off_ledger IS 'Usage statistics that are not the sum of the usage in the ledger';

--
-- Name: balances balances_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.balances
    ADD CONSTRAINT balances_pkey PRIMARY KEY (user_id);

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
-- Name: packages packages_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.packages
    ADD CONSTRAINT packages_pkey PRIMARY KEY (id);

--
-- Name: purchases purchases_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.purchases
    ADD CONSTRAINT purchases_pkey PRIMARY KEY (user_id, id);

--
-- Name: settings settings_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (only_row);

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
-- Name: usage_stats usage_stats_pkey; Type: CONSTRAINT; Schema: credits; Owner: credits_owner
--

ALTER TABLE ONLY credits.usage_stats
    ADD CONSTRAINT usage_stats_pkey PRIMARY KEY (user_id, date, app_id);

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
-- Name: guild_transactions_by_member; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX guild_transactions_by_member ON credits.guild_transactions USING btree (organization_id, user_id, id);

--
-- Name: guild_transactions_idempotency_key; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE UNIQUE INDEX guild_transactions_idempotency_key ON credits.guild_transactions USING btree (organization_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

--
-- Name: purchases_payment_intent; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE INDEX purchases_payment_intent ON credits.purchases USING btree (stripe_payment_intent_id) WHERE (stripe_payment_intent_id IS NOT NULL);

--
-- Name: transactions_idempotency_key; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE UNIQUE INDEX transactions_idempotency_key ON credits.transactions USING btree (user_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

--
-- Name: transactions_once_per_source; Type: INDEX; Schema: credits; Owner: credits_owner
--

CREATE UNIQUE INDEX transactions_once_per_source ON credits.transactions USING btree (user_id, type, reference_id) WHERE (type = ANY (ARRAY['purchase'::credits.transaction_type, 'grant'::credits.transaction_type]));

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
-- Name: packages assign_package_id; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER assign_package_id BEFORE INSERT ON credits.packages FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION credits._assign_package_id();

--
-- Name: TRIGGER assign_package_id ON packages; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER assign_package_id ON credits.packages IS 'before insert for each row when (new.id is null) execute function credits._assign_package_id()';

--
-- Name: transactions check_counterpart; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE CONSTRAINT TRIGGER check_counterpart AFTER INSERT ON credits.transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.type = ANY (ARRAY['purchase'::credits.transaction_type, 'gift'::credits.transaction_type, 'guild_funding'::credits.transaction_type]))) EXECUTE FUNCTION credits._check_counterpart();

--
-- Name: TRIGGER check_counterpart ON transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER check_counterpart ON credits.transactions IS 'after insert deferrable initially deferred for each row when (new.type in (''purchase'', ''gift'', ''guild_funding'')) execute function credits._check_counterpart()';

--
-- Name: guild_transactions check_guild_counterpart; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE CONSTRAINT TRIGGER check_guild_counterpart AFTER INSERT ON credits.guild_transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.type = 'funding'::credits.guild_transaction_type)) EXECUTE FUNCTION credits._check_guild_counterpart();

--
-- Name: TRIGGER check_guild_counterpart ON guild_transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER check_guild_counterpart ON credits.guild_transactions IS 'after insert deferrable initially deferred for each row when (new.type = ''funding'') execute function credits._check_guild_counterpart()';

--
-- Name: purchases check_purchase; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER check_purchase AFTER INSERT OR UPDATE ON credits.purchases FOR EACH ROW WHEN ((new.status = 'completed'::credits.purchase_status)) EXECUTE FUNCTION credits._check_purchase();

--
-- Name: TRIGGER check_purchase ON purchases; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER check_purchase ON credits.purchases IS 'after insert or update for each row when (new.status = ''completed'') execute function credits._check_purchase()';

--
-- Name: guild_transactions fold_guild_transactions; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER fold_guild_transactions AFTER INSERT ON credits.guild_transactions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credits._fold_guild_transactions();

--
-- Name: TRIGGER fold_guild_transactions ON guild_transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER fold_guild_transactions ON credits.guild_transactions IS 'after insert referencing new table as new_rows for each statement execute function credits._fold_guild_transactions()';

--
-- Name: transactions fold_transactions; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER fold_transactions AFTER INSERT ON credits.transactions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credits._fold_transactions();

--
-- Name: TRIGGER fold_transactions ON transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER fold_transactions ON credits.transactions IS 'after insert referencing new table as new_rows for each statement execute function credits._fold_transactions()';

--
-- Name: balances protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE UPDATE ON credits.balances FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_amounts ON balances; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_amounts ON credits.balances IS 'before update for each row when (pg_trigger_depth() = 0) execute function credits._protect_balances()';

--
-- Name: guild_member_spending protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE INSERT OR DELETE OR UPDATE ON credits.guild_member_spending FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_amounts ON guild_member_spending; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_amounts ON credits.guild_member_spending IS 'before insert or update or delete for each row when (pg_trigger_depth() = 0) execute function credits._protect_balances()';

--
-- Name: guild_pools protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE UPDATE ON credits.guild_pools FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_amounts ON guild_pools; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_amounts ON credits.guild_pools IS 'before update for each row when (pg_trigger_depth() = 0) execute function credits._protect_balances()';

--
-- Name: usage_stats protect_amounts; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_amounts BEFORE INSERT OR DELETE OR UPDATE ON credits.usage_stats FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_amounts ON usage_stats; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_amounts ON credits.usage_stats IS 'before insert or update or delete for each row when (pg_trigger_depth() = 0) execute function credits._protect_balances()';

--
-- Name: balances protect_from_delete; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_delete BEFORE DELETE ON credits.balances FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_delete ON balances; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_delete ON credits.balances IS 'before delete for each row execute function credits._protect_balances()';

--
-- Name: guild_pools protect_from_delete; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_delete BEFORE DELETE ON credits.guild_pools FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_delete ON guild_pools; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_delete ON credits.guild_pools IS 'before delete for each row execute function credits._protect_balances()';

--
-- Name: balances protect_from_invention; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_invention BEFORE INSERT ON credits.balances FOR EACH ROW WHEN (((new.version <> 0) OR (new.balance <> (0)::numeric) OR (new.reserved <> (0)::numeric) OR (new.total_earned <> (0)::numeric) OR (new.last_transaction_id IS NOT NULL))) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_invention ON balances; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_invention ON credits.balances IS 'before insert for each row when (new.version <> 0 or new.balance <> 0 or new.reserved <> 0 or new.total_earned <> 0 or new.last_transaction_id is not null) execute function credits._protect_balances()';

--
-- Name: guild_pools protect_from_invention; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_invention BEFORE INSERT ON credits.guild_pools FOR EACH ROW WHEN (((new.version <> 0) OR (new.balance <> (0)::numeric) OR (new.reserved <> (0)::numeric) OR (new.total_funded <> (0)::numeric) OR (new.last_transaction_id IS NOT NULL))) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_invention ON guild_pools; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_invention ON credits.guild_pools IS 'before insert for each row when (new.version <> 0 or new.balance <> 0 or new.reserved <> 0 or new.total_funded <> 0 or new.last_transaction_id is not null) execute function credits._protect_balances()';

--
-- Name: balances protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.balances FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_truncate ON balances; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_truncate ON credits.balances IS 'before truncate for each statement execute function credits._protect_balances()';

--
-- Name: guild_member_spending protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.guild_member_spending FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_truncate ON guild_member_spending; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_truncate ON credits.guild_member_spending IS 'before truncate for each statement execute function credits._protect_balances()';

--
-- Name: guild_pools protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.guild_pools FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_truncate ON guild_pools; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_truncate ON credits.guild_pools IS 'before truncate for each statement execute function credits._protect_balances()';

--
-- Name: settings protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.settings FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_settings();

--
-- Name: TRIGGER protect_from_truncate ON settings; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_truncate ON credits.settings IS 'before truncate for each statement execute function credits._protect_settings()';

--
-- Name: usage_stats protect_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.usage_stats FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_truncate ON usage_stats; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_truncate ON credits.usage_stats IS 'before truncate for each statement execute function credits._protect_balances()';

--
-- Name: guild_transactions protect_ledger; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.guild_transactions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.guild_transactions ENABLE ALWAYS TRIGGER protect_ledger;

--
-- Name: TRIGGER protect_ledger ON guild_transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_ledger ON credits.guild_transactions IS 'before update or delete for each row execute function credits._protect_ledger()';

--
-- Name: transactions protect_ledger; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.transactions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.transactions ENABLE ALWAYS TRIGGER protect_ledger;

--
-- Name: TRIGGER protect_ledger ON transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_ledger ON credits.transactions IS 'before update or delete for each row execute function credits._protect_ledger()';

--
-- Name: guild_transactions protect_ledger_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.guild_transactions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.guild_transactions ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

--
-- Name: TRIGGER protect_ledger_from_truncate ON guild_transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_ledger_from_truncate ON credits.guild_transactions IS 'before truncate for each statement execute function credits._protect_ledger()';

--
-- Name: transactions protect_ledger_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.transactions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.transactions ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

--
-- Name: TRIGGER protect_ledger_from_truncate ON transactions; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_ledger_from_truncate ON credits.transactions IS 'before truncate for each statement execute function credits._protect_ledger()';

--
-- Name: purchases protect_purchases; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_purchases BEFORE UPDATE ON credits.purchases FOR EACH ROW WHEN (((((((old.id IS DISTINCT FROM new.id) OR (old.package_id IS DISTINCT FROM new.package_id)) OR (old.credits IS DISTINCT FROM new.credits)) OR (old.price_euro_cents IS DISTINCT FROM new.price_euro_cents)) OR (old.currency IS DISTINCT FROM new.currency)) OR ((old.status = 'completed'::credits.purchase_status) AND ((old.status IS DISTINCT FROM new.status) OR (old.transaction_id IS DISTINCT FROM new.transaction_id))))) EXECUTE FUNCTION credits._protect_purchases();

--
-- Name: TRIGGER protect_purchases ON purchases; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_purchases ON credits.purchases IS 'before update for each row when ((old.id, old.package_id, old.credits, old.price_euro_cents, old.currency) is distinct from (new.id, new.package_id, new.credits, new.price_euro_cents, new.currency) or (old.status = ''completed'' and (old.status, old.transaction_id) is distinct from (new.status, new.transaction_id))) execute function credits._protect_purchases()';

--
-- Name: purchases protect_purchases_from_delete; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_purchases_from_delete BEFORE DELETE ON credits.purchases FOR EACH ROW EXECUTE FUNCTION credits._protect_purchases();

--
-- Name: TRIGGER protect_purchases_from_delete ON purchases; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_purchases_from_delete ON credits.purchases IS 'before delete for each row execute function credits._protect_purchases()';

--
-- Name: purchases protect_purchases_from_truncate; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_purchases_from_truncate BEFORE TRUNCATE ON credits.purchases FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_purchases();

--
-- Name: TRIGGER protect_purchases_from_truncate ON purchases; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_purchases_from_truncate ON credits.purchases IS 'before truncate for each statement execute function credits._protect_purchases()';

--
-- Name: settings protect_settings; Type: TRIGGER; Schema: credits; Owner: credits_owner
--

CREATE TRIGGER protect_settings BEFORE DELETE OR UPDATE ON credits.settings FOR EACH ROW EXECUTE FUNCTION credits._protect_settings();

--
-- Name: TRIGGER protect_settings ON settings; Type: COMMENT; Schema: credits; Owner: credits_owner
--

COMMENT ON TRIGGER protect_settings ON credits.settings IS 'before update or delete for each row execute function credits._protect_settings()';

--
-- Name: gift_codes check_changed_gift; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER check_changed_gift AFTER UPDATE ON gifts.gift_codes FOR EACH ROW WHEN (((((((old.id IS DISTINCT FROM new.id) OR ((old.creator_id)::text IS DISTINCT FROM (new.creator_id)::text)) OR (old.total_credits IS DISTINCT FROM new.total_credits)) OR (old.refunded_credits IS DISTINCT FROM new.refunded_credits)) OR (old.reservation_transaction_id IS DISTINCT FROM new.reservation_transaction_id)) OR (old.refund_transaction_id IS DISTINCT FROM new.refund_transaction_id))) EXECUTE FUNCTION gifts._check_gift();

--
-- Name: TRIGGER check_changed_gift ON gift_codes; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TRIGGER check_changed_gift ON gifts.gift_codes IS 'after update for each row when ((old.id, old.creator_id, old.total_credits, old.refunded_credits, old.reservation_transaction_id, old.refund_transaction_id) is distinct from (new.id, new.creator_id, new.total_credits, new.refunded_credits, new.reservation_transaction_id, new.refund_transaction_id)) execute function gifts._check_gift()';

--
-- Name: gift_codes check_new_gift; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER check_new_gift AFTER INSERT ON gifts.gift_codes FOR EACH ROW EXECUTE FUNCTION gifts._check_gift();

--
-- Name: TRIGGER check_new_gift ON gift_codes; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TRIGGER check_new_gift ON gifts.gift_codes IS 'after insert for each row execute function gifts._check_gift()';

--
-- Name: gift_redemptions fold_redemption; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER fold_redemption AFTER INSERT ON gifts.gift_redemptions FOR EACH ROW EXECUTE FUNCTION gifts._fold_redemption();

--
-- Name: TRIGGER fold_redemption ON gift_redemptions; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TRIGGER fold_redemption ON gifts.gift_redemptions IS 'after insert for each row execute function gifts._fold_redemption()';

--
-- Name: gift_codes protect_claims; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_claims BEFORE UPDATE ON gifts.gift_codes FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND (old.claimed_portions <> new.claimed_portions))) EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_claims ON gift_codes; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TRIGGER protect_claims ON gifts.gift_codes IS 'before update for each row when (pg_trigger_depth() = 0 and old.claimed_portions <> new.claimed_portions) execute function credits._protect_balances()';

--
-- Name: gift_codes protect_from_delete; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_from_delete BEFORE DELETE ON gifts.gift_codes FOR EACH ROW EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_delete ON gift_codes; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_delete ON gifts.gift_codes IS 'before delete for each row execute function credits._protect_balances()';

--
-- Name: gift_codes protect_from_truncate; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON gifts.gift_codes FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_balances();

--
-- Name: TRIGGER protect_from_truncate ON gift_codes; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TRIGGER protect_from_truncate ON gifts.gift_codes IS 'before truncate for each statement execute function credits._protect_balances()';

--
-- Name: gift_redemptions protect_ledger; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON gifts.gift_redemptions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE gifts.gift_redemptions ENABLE ALWAYS TRIGGER protect_ledger;

--
-- Name: TRIGGER protect_ledger ON gift_redemptions; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TRIGGER protect_ledger ON gifts.gift_redemptions IS 'before update or delete for each row execute function credits._protect_ledger()';

--
-- Name: gift_redemptions protect_ledger_from_truncate; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON gifts.gift_redemptions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE gifts.gift_redemptions ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

--
-- Name: TRIGGER protect_ledger_from_truncate ON gift_redemptions; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TRIGGER protect_ledger_from_truncate ON gifts.gift_redemptions IS 'before truncate for each statement execute function credits._protect_ledger()';

--
-- Name: gift_codes protect_terms; Type: TRIGGER; Schema: gifts; Owner: credits_owner
--

CREATE TRIGGER protect_terms BEFORE UPDATE ON gifts.gift_codes FOR EACH ROW WHEN ((((old.status <> 'active'::gifts.gift_status) AND (old.status <> new.status)) OR ((((((old.code IS DISTINCT FROM new.code) OR (old.id IS DISTINCT FROM new.id)) OR (old.total_credits IS DISTINCT FROM new.total_credits)) OR (old.credits_per_portion IS DISTINCT FROM new.credits_per_portion)) OR (old.total_portions IS DISTINCT FROM new.total_portions)) OR (old.reservation_transaction_id IS DISTINCT FROM new.reservation_transaction_id)))) EXECUTE FUNCTION gifts._protect_terms();

--
-- Name: TRIGGER protect_terms ON gift_codes; Type: COMMENT; Schema: gifts; Owner: credits_owner
--

COMMENT ON TRIGGER protect_terms ON gifts.gift_codes IS 'before update for each row when (old.status not in (''active'', new.status) or (old.code, old.id, old.total_credits, old.credits_per_portion, old.total_portions, old.reservation_transaction_id) is distinct from (new.code, new.id, new.total_credits, new.credits_per_portion, new.total_portions, new.reservation_transaction_id)) execute function gifts._protect_terms()';

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
-- Name: FUNCTION _as_id(p_text text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._as_id(p_text text) FROM PUBLIC;

--
-- Name: FUNCTION _assign_package_id(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._assign_package_id() FROM PUBLIC;

--
-- Name: FUNCTION _check_amount(p_amount numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_amount(p_amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION _check_counterpart(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_counterpart() FROM PUBLIC;

--
-- Name: FUNCTION _check_guild_counterpart(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._check_guild_counterpart() FROM PUBLIC;

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
-- Name: FUNCTION _fold_guild_transactions(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._fold_guild_transactions() FROM PUBLIC;

--
-- Name: FUNCTION _fold_transactions(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._fold_transactions() FROM PUBLIC;

--
-- Name: TABLE guild_transactions; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.guild_transactions TO credits_auditor;

--
-- Name: FUNCTION _guild_movement(p_row credits.guild_transactions, p_replayed boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._guild_movement(p_row credits.guild_transactions, p_replayed boolean) FROM PUBLIC;

--
-- Name: FUNCTION _id_floor(p_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._id_floor(p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _is_amount(p_amount numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._is_amount(p_amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION _is_id(p_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._is_id(p_id text) FROM PUBLIC;

--
-- Name: FUNCTION _limits_day(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._limits_day() FROM PUBLIC;

--
-- Name: TABLE balances; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.balances TO credits_auditor;

--
-- Name: FUNCTION _lock_balance(p_user_id text, p_create boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._lock_balance(p_user_id text, p_create boolean) FROM PUBLIC;

--
-- Name: TABLE guild_pools; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.guild_pools TO credits_auditor;

--
-- Name: FUNCTION _lock_pool(p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._lock_pool(p_organization_id text) FROM PUBLIC;

--
-- Name: TABLE transactions; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.transactions TO credits_auditor;

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
-- Name: FUNCTION _post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._post_guild_transaction(p_pool credits.guild_pools, p_user_id text, p_type credits.guild_transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_reference_id text, p_reversal boolean, p_spending_day date, p_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._post_transaction(p_balance credits.balances, p_type credits.transaction_type, p_amount numeric, p_description text, p_app_id text, p_idempotency_key text, p_metadata jsonb, p_guild_id text, p_reference_id text, p_reversal boolean) FROM PUBLIC;

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
-- Name: FUNCTION _protect_settings(); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._protect_settings() FROM PUBLIC;

--
-- Name: FUNCTION _refuse_insufficient(p_required numeric, p_available numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_insufficient(p_required numeric, p_available numeric) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_invalid(p_field text, p_problem text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_invalid(p_field text, p_problem text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_over_limit(p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamp with time zone); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_over_limit(p_window text, p_limit numeric, p_spent numeric, p_requested numeric, p_resets_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_reused_key(p_idempotency_key text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_reused_key(p_idempotency_key text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_too_large(p_balance numeric, p_amount numeric); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_too_large(p_balance numeric, p_amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION _refuse_unknown_pool(p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._refuse_unknown_pool(p_organization_id text) FROM PUBLIC;

--
-- Name: FUNCTION _spending_windows(p_organization_id text, p_user_id text, p_day date); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits._spending_windows(p_organization_id text, p_user_id text, p_day date) FROM PUBLIC;

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
-- Name: FUNCTION complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.complete_purchase(p_user_id text, p_purchase_id uuid, p_amount_cents bigint, p_currency text, p_stripe_payment_intent_id text) TO credits_api;

--
-- Name: FUNCTION fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.fail_purchase(p_user_id text, p_purchase_id uuid, p_status text, p_reason text) TO credits_api;

--
-- Name: FUNCTION fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.fund_guild_pool(p_user_id text, p_organization_id text, p_amount numeric, p_idempotency_key text, p_description text, p_metadata jsonb) TO credits_api;

--
-- Name: FUNCTION get_balance(p_user_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_balance(p_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_balance(p_user_id text) TO credits_service;
GRANT ALL ON FUNCTION credits.get_balance(p_user_id text) TO credits_api;

--
-- Name: FUNCTION get_guild_balance(p_organization_id text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.get_guild_balance(p_organization_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.get_guild_balance(p_organization_id text) TO credits_api;

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
-- Name: FUNCTION list_guild_transactions(p_organization_id text, p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.list_guild_transactions(p_organization_id text, p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.list_guild_transactions(p_organization_id text, p_user_id text, p_limit integer, p_offset bigint, p_cursor uuid) TO credits_api;

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
-- Name: FUNCTION reconcile(p_check_name text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.reconcile(p_check_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.reconcile(p_check_name text) TO credits_auditor;

--
-- Name: FUNCTION refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.refund_credits(p_user_id text, p_amount numeric, p_description text, p_app_id text, p_transaction_id uuid, p_idempotency_key text, p_metadata jsonb) TO credits_api;

--
-- Name: FUNCTION save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.save_stripe_customer(p_user_id text, p_stripe_customer_id text, p_email text, p_replaces text) TO credits_api;

--
-- Name: FUNCTION set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) TO credits_service;
GRANT ALL ON FUNCTION credits.set_spending_limits(p_organization_id text, p_user_id text, p_daily_limit numeric, p_monthly_limit numeric, p_set_daily boolean, p_set_monthly boolean) TO credits_api;

--
-- Name: FUNCTION use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.use_credits(p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_api;

--
-- Name: FUNCTION use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb); Type: ACL; Schema: credits; Owner: credits_owner
--

REVOKE ALL ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_service;
GRANT ALL ON FUNCTION credits.use_guild_credits(p_organization_id text, p_user_id text, p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb) TO credits_api;

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
-- Name: TABLE guild_member_spending; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.guild_member_spending TO credits_auditor;

--
-- Name: TABLE guild_spending_limits; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.guild_spending_limits TO credits_auditor;

--
-- Name: TABLE packages; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.packages TO credits_auditor;

--
-- Name: TABLE purchases; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.purchases TO credits_auditor;

--
-- Name: TABLE settings; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.settings TO credits_auditor;

--
-- Name: TABLE stripe_customers; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.stripe_customers TO credits_auditor;

--
-- Name: TABLE usage_stats; Type: ACL; Schema: credits; Owner: credits_owner
--

GRANT SELECT ON TABLE credits.usage_stats TO credits_auditor;

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
-- Name: TABLE credits_not_conserved; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.credits_not_conserved TO credits_auditor;

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
-- Name: TABLE pools_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.pools_off_ledger TO credits_auditor;

--
-- Name: TABLE purchases_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.purchases_off_ledger TO credits_auditor;

--
-- Name: TABLE usage_stats_off_ledger; Type: ACL; Schema: reconcile; Owner: credits_owner
--

GRANT SELECT ON TABLE reconcile.usage_stats_off_ledger TO credits_auditor;

--
-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: credits_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE credits_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;

--
-- PostgreSQL database dump complete
--
