-- The tables of a fresh installation, as PostgreSQL tells them. Written by `make schema`.

CREATE SCHEMA credits;

COMMENT ON SCHEMA credits IS 'Balances, guild pools and purchases: tables, and the functions that are the only way to move credits';

CREATE SCHEMA gifts;

COMMENT ON SCHEMA gifts IS 'Gift codes and their redemptions';

CREATE SCHEMA reconcile;

COMMENT ON SCHEMA reconcile IS 'The books, proved: every view in here is empty when all is well';

CREATE SCHEMA reconcile_new;

COMMENT ON SCHEMA reconcile_new IS 'The checks of the schema reconcile over what is newer than the last clean run: a view here stands in for its namesake there in a run of scope new';

CREATE DOMAIN credits.account_id AS text
	CONSTRAINT account_id_is_plain_text CHECK (((VALUE <> ''::text) AND (char_length(VALUE) <= 128) AND (VALUE !~ '[\u0001-\u001f\u007f-\u009f]'::text)));

COMMENT ON DOMAIN credits.account_id IS 'Opaque id of a user, guild or app: 1 to 128 characters, no control characters';

CREATE TYPE credits.dispute_status AS ENUM (
    'open',
    'won',
    'lost'
);

COMMENT ON TYPE credits.dispute_status IS 'Who has got the money of a disputed payment: open and lost take the credits, won gives them back';

CREATE TYPE credits.guild_transaction_type AS ENUM (
    'funding',
    'usage',
    'refund'
);

COMMENT ON TYPE credits.guild_transaction_type IS 'Why a pool changed';

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

COMMENT ON TYPE credits.guild_movement IS 'What a call that moves guild credits answers: its ledger row, the pool right after it, and whether this call repeats an earlier one';

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

COMMENT ON TYPE credits.guild_use_outcome IS 'What became of one item of a batch of debits of guild pools: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';

CREATE TYPE credits.transaction_status AS ENUM (
    'completed'
);

COMMENT ON TYPE credits.transaction_status IS 'A ledger row is written when the credits have moved, so there is one status';

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

COMMENT ON TYPE credits.transaction_type IS 'Why a personal balance changed';

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

COMMENT ON TYPE credits.movement IS 'What a call that moves personal credits answers: its ledger row, the account right after it, and whether this call repeats an earlier one';

CREATE TYPE credits.purchase_status AS ENUM (
    'pending',
    'processing',
    'completed',
    'failed',
    'cancelled'
);

COMMENT ON TYPE credits.purchase_status IS 'How far a payment has come; a completed purchase stays completed';

CREATE TYPE credits.reservation_status AS ENUM (
    'held',
    'committed',
    'released',
    'expired'
);

COMMENT ON TYPE credits.reservation_status IS 'A reservation is held until it is committed, released or past its time (expired); one past its time can still be committed, or released and with that given up';

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

COMMENT ON TYPE credits.use_outcome IS 'What became of one item of a batch of debits: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';

CREATE TYPE gifts.gift_status AS ENUM (
    'active',
    'depleted',
    'expired',
    'cancelled',
    'refunded'
);

COMMENT ON TYPE gifts.gift_status IS 'active until all portions are claimed (depleted), the creator takes the rest back (cancelled) or it ran out of time and the rest was paid back (refunded); expired is how a gift past its time is shown until it is paid back';

CREATE TYPE gifts.gift_type AS ENUM (
    'simple',
    'personalized',
    'split',
    'first_come',
    'riddle'
);

COMMENT ON TYPE gifts.gift_type IS 'How a gift is shared out';

CREATE TYPE gifts.redemption_status AS ENUM (
    'success',
    'failed_wrong_answer',
    'failed_wrong_user',
    'failed_depleted',
    'failed_expired',
    'failed_already_claimed'
);

COMMENT ON TYPE gifts.redemption_status IS 'How an attempt to redeem a gift ended';

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

COMMENT ON TABLE credits.purchases IS 'Every purchase that was begun, at the price and size the package had then';

COMMENT ON COLUMN credits.purchases.transaction_id IS 'The ledger row that credited it; there is at most one by transactions_once_per_source';

COMMENT ON COLUMN credits.purchases.refunded_cents IS 'How much of the payment Stripe has refunded, cumulative';

COMMENT ON COLUMN credits.purchases.clawed_back_credits IS 'How many of the credits are taken back at present for refunds and disputes';

COMMENT ON COLUMN credits.purchases.reversals_version IS 'How often refunds and disputes were noted: what was asked of Stripe before the last of them is asked again';

COMMENT ON COLUMN credits.purchases.idempotency_key IS 'The key with which it was begun; emptied by an erasure';

COMMENT ON COLUMN credits.purchases.request_digest IS 'SHA-256 of what was asked for with the key, so that a key with other parameters is refused; emptied by an erasure';

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

COMMENT ON TABLE credits.balances IS 'What each user owns. It follows the ledger and the reservations; a direct change of an amount is refused';

COMMENT ON COLUMN credits.balances.balance IS 'Credits that can be spent now: total_earned - total_spent - reserved';

COMMENT ON COLUMN credits.balances.total_earned IS 'All that ever came in';

COMMENT ON COLUMN credits.balances.total_spent IS 'All that went out, less what reversals brought back';

COMMENT ON COLUMN credits.balances.reserved IS 'Held by open reservations; still owned, not spendable';

COMMENT ON COLUMN credits.balances.clawed_back IS 'Taken back because payments were refunded or disputed; the most by which the balance can be below zero';

COMMENT ON COLUMN credits.balances.reservations_count IS 'How many reservations the account ever made; where it is 0, their keys need not be searched';

COMMENT ON COLUMN credits.balances.next_expiry IS 'When the first of the account''s dated credits expires; null where there are none, and nothing needs to be looked up';

COMMENT ON COLUMN credits.balances.low_balance_at IS 'The event balance.low is written when what the account owns falls from above this to it or below; null is never';

COMMENT ON COLUMN credits.balances.version IS 'How many ledger rows the account has';

COMMENT ON COLUMN credits.balances.last_transaction_id IS 'The newest ledger row, the end of the account''s chain';

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

COMMENT ON TABLE credits.reservations IS 'Credits set aside from a balance or a pool. While held they are reserved there; what is committed becomes a ledger row of type usage';

COMMENT ON COLUMN credits.reservations.account_id IS 'Whose credits are held: the user''s, or the guild''s when organization_id is given';

COMMENT ON COLUMN credits.reservations.continues IS 'The reservation that the caller knows, where it had run out and was extended then: each time that it is held again is a row of its own, and the last one says how it stands';

COMMENT ON COLUMN credits.reservations.committed_late IS 'Committed after its time, from what was free then; ended_at is when its credits were free again';

COMMENT ON COLUMN credits.reservations.spending_day IS 'The local day whose limit the hold, and what is committed of it, counts against';

COMMENT ON COLUMN credits.reservations.transaction_id IS 'The ledger row of what was committed';

COMMENT ON COLUMN credits.reservations.balance_after_hold IS 'What could be spent right after, so that a retried call can repeat the first answer';

COMMENT ON COLUMN credits.reservations.balance_after_end IS 'What could be spent right after commit or release, so that a retried call can repeat the first answer';

COMMENT ON COLUMN credits.reservations.first_expires_at IS 'What expires_at was before the hold was extended, so that a retried reservation can repeat the first answer; null where it never was';

COMMENT ON COLUMN credits.reservations.extended_at IS 'When expires_at was last set anew; null where it never was';

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

COMMENT ON TABLE credits.event_consumers IS 'Who reads events, which types, and how far each has come. An event of a type that nobody here wants is not written';

COMMENT ON COLUMN credits.event_consumers.login IS 'The login role that reads; null for a webhook, which the API reads for';

COMMENT ON COLUMN credits.event_consumers."position" IS 'Everything up to here is done with';

COMMENT ON COLUMN credits.event_consumers.lost_at IS 'Since when nothing is kept for it any more, since it left events for too long; null is never';

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

COMMENT ON TABLE credits.guild_pools IS 'What each guild shares. It follows the ledger and the reservations; a direct change of an amount is refused';

COMMENT ON COLUMN credits.guild_pools.reservations_count IS 'How many reservations the pool ever had; where it is 0, their keys need not be searched';

COMMENT ON COLUMN credits.guild_pools.low_balance_at IS 'The event balance.low is written when what the pool owns falls from above this to it or below; null is never';

COMMENT ON COLUMN credits.guild_pools.version IS 'How many ledger rows the pool has';

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

COMMENT ON TABLE credits.guild_transactions IS 'The ledger of guild pools: append-only, one row for each change, each pool''s rows one unbroken chain in the order of their ids';

COMMENT ON COLUMN credits.guild_transactions.sequence IS 'The row''s number in its pool, without gaps from 1 on: the pool''s version right after it';

COMMENT ON COLUMN credits.guild_transactions.user_id IS 'The member who funded or used';

COMMENT ON COLUMN credits.guild_transactions.spending_day IS 'The local day whose limit the row counts against (or gives back to)';

COMMENT ON COLUMN credits.guild_transactions.reference_id IS 'What caused the row: the funder''s ledger row, a refunded usage or a reservation';

COMMENT ON COLUMN credits.guild_transactions.request_id IS 'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL has set as credits.request_id; emptied by an erasure';

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

COMMENT ON TABLE credits.transactions IS 'The ledger of personal balances: append-only, one row for each change, each account''s rows one unbroken chain in the order of their ids';

COMMENT ON COLUMN credits.transactions.sequence IS 'The row''s number in its account, without gaps from 1 on: the balance''s version right after it';

COMMENT ON COLUMN credits.transactions.amount IS 'Signed: what came in is positive, what went out negative';

COMMENT ON COLUMN credits.transactions.balance_before IS 'What the account owned before: balance + reserved';

COMMENT ON COLUMN credits.transactions.balance_after IS 'What the account owns after: balance + reserved';

COMMENT ON COLUMN credits.transactions.reserved_after IS 'How much of balance_after was held by reservations';

COMMENT ON COLUMN credits.transactions.total_spent_after IS 'total_spent right after this row, so that a retried call can repeat the first answer';

COMMENT ON COLUMN credits.transactions.reversal IS 'Brings back what went out before: lowers total_spent instead of raising total_earned';

COMMENT ON COLUMN credits.transactions.reference_id IS 'What caused the row: a purchase, a gift, a pool''s ledger row, a refunded usage, a reservation or the grantor''s own reference';

COMMENT ON COLUMN credits.transactions.called_by IS 'The login role that called';

COMMENT ON COLUMN credits.transactions.request_id IS 'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL has set as credits.request_id; emptied by an erasure';

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

COMMENT ON TABLE gifts.gift_codes IS 'Gift codes and what is left of them. claimed_portions is written only by the trigger that folds redemptions into it';

COMMENT ON COLUMN gifts.gift_codes.total_credits IS 'What the creator was charged: credits_per_portion * total_portions';

COMMENT ON COLUMN gifts.gift_codes.refunded_credits IS 'What went back to the creator when the gift was cancelled or expired';

COMMENT ON COLUMN gifts.gift_codes.target_hash IS 'Of target_email, as credits.known_addresses has it, so that an erasure finds the gift';

COMMENT ON COLUMN gifts.gift_codes.riddle_answer_hash IS 'Salted and stretched; the answer itself is kept nowhere';

COMMENT ON COLUMN gifts.gift_codes.reservation_transaction_id IS 'The creator''s ledger row that charged it';

COMMENT ON COLUMN gifts.gift_codes.refund_transaction_id IS 'The creator''s ledger row that paid the unclaimed credits back';

COMMENT ON COLUMN gifts.gift_codes.request_digest IS 'Digest of what the creator asked for, to tell a retry from another request under the same key';

CREATE TABLE credits.address_key (
    only_row boolean DEFAULT true NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT address_key_cannot_be_guessed CHECK ((octet_length(key) = 32)),
    CONSTRAINT address_key_has_one_row CHECK (only_row)
);

COMMENT ON TABLE credits.address_key IS 'What addresses are hashed with, made at random once. Apart from the rest, since auditors read every other table and must not read this one';

CREATE UNLOGGED TABLE credits.attempts (
    subject text NOT NULL,
    kind text NOT NULL,
    free_at timestamp with time zone NOT NULL,
    CONSTRAINT attempts_subject_length CHECK ((char_length(subject) <= 128))
)
WITH (fillfactor='50');

COMMENT ON TABLE credits.attempts IS 'Throttles: one row for whoever tried lately, forgotten by a crash and by credits.expire_attempts when all attempts are free again';

COMMENT ON COLUMN credits.attempts.subject IS 'Who tries: the id of a user, or the address of a visitor';

COMMENT ON COLUMN credits.attempts.kind IS 'What is tried: gift_look_up (by address), gift_guess, purchase (by user)';

COMMENT ON COLUMN credits.attempts.free_at IS 'When all attempts are free again: each one taken moves it on by its share of the window, up to a whole window from now';

CREATE TABLE credits.dated_credits (
    user_id credits.account_id NOT NULL,
    id uuid NOT NULL,
    granted numeric(15,6) NOT NULL,
    remaining numeric(15,6) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT dated_credits_remain_in_range CHECK (((granted > (0)::numeric) AND ((remaining >= (0)::numeric) AND (remaining <= granted))))
);

COMMENT ON TABLE credits.dated_credits IS 'What is left of each grant with a date. remaining is written only by the trigger that folds dated_movements into it';

COMMENT ON COLUMN credits.dated_credits.id IS 'The ledger row of the grant';

CREATE TABLE credits.dated_movements (
    user_id credits.account_id NOT NULL,
    id uuid NOT NULL,
    dated_id uuid NOT NULL,
    cause_id uuid NOT NULL,
    amount numeric(15,6) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT dated_movements_move_something CHECK ((amount <> (0)::numeric))
);

COMMENT ON TABLE credits.dated_movements IS 'What was taken from dated credits (negative) and given back to them: append-only, so that a refund restores what a usage took';

COMMENT ON COLUMN credits.dated_movements.cause_id IS 'What took or gave back: the ledger row, the reservation, the purchase whose payment went back, or the dated credits themselves where they repaid a debt';

CREATE TABLE credits.deployed (
    kind text NOT NULL,
    object text NOT NULL,
    definition text NOT NULL
);

COMMENT ON TABLE credits.deployed IS 'The definition of everything that was there when the last deployment ended, as credits._definitions tells it; written by deployments alone, and names nobody but deployers';

COMMENT ON COLUMN credits.deployed.kind IS 'function, trigger, constraint, column, right and so on; deployment: of what files, when and by which login it was made';

CREATE TABLE credits.event_log (
    only_row boolean DEFAULT true NOT NULL,
    last_position bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_log_has_one_row CHECK (only_row)
);

COMMENT ON TABLE credits.event_log IS 'The last position given out; whoever gives out more, or turns the events of balances on or off, locks the row';

CREATE TABLE credits.events (
    "position" bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    user_id text,
    organization_id text,
    data jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE credits.events IS 'Events in the order in which every consumer reads them, until all consumers have passed them';

COMMENT ON COLUMN credits.events."position" IS 'The place in the order: once a reader sees one, no lower one appears any more. Without meaning otherwise, and not without gaps';

COMMENT ON COLUMN credits.events.id IS 'Stays the same however often the event is delivered';

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

COMMENT ON TABLE credits.figures IS 'Where all credits were when credits.measure last added them up, for gauges; nothing depends on it';

COMMENT ON COLUMN credits.figures.due_at IS 'When to measure again; whoever claims that moves it on first, so that nobody else does so too';

COMMENT ON COLUMN credits.figures.balances IS 'What users can spend';

COMMENT ON COLUMN credits.figures.pools IS 'What guilds can spend';

COMMENT ON COLUMN credits.figures.reservations IS 'What is held of either';

COMMENT ON COLUMN credits.figures.gifts IS 'What open gifts have left';

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

COMMENT ON TABLE credits.guild_member_spending IS 'What a member used of a pool by local day, folded from the pool''s ledger, so that a limit is checked without summing history';

COMMENT ON COLUMN credits.guild_member_spending.reserved IS 'Held by the member''s open reservations; counts against the limits like what is spent';

CREATE TABLE credits.guild_seals (
    organization_id text NOT NULL,
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT guild_seals_are_sha256 CHECK ((octet_length(hash) = 32))
);

COMMENT ON TABLE credits.guild_seals IS 'How the hash chain of each pool''s ledger stood at some of its rows: append-only. What is sealed is evidence, what came since is not yet';

COMMENT ON COLUMN credits.guild_seals.id IS 'The ledger row that the seal is of';

COMMENT ON COLUMN credits.guild_seals.sequence IS 'Its number in its pool, hence how many rows are sealed';

COMMENT ON COLUMN credits.guild_seals.hash IS 'SHA-256 of the hash of the row before (nothing for the first row) and the row''s canonical text: over every row from the first to this one';

COMMENT ON COLUMN credits.guild_seals.created_at IS 'Since when a change of the rows up to here is evident';

CREATE TABLE credits.guild_spending_limits (
    organization_id credits.account_id NOT NULL,
    user_id credits.account_id NOT NULL,
    daily_limit numeric(15,6),
    monthly_limit numeric(15,6),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT guild_spending_limits_in_range CHECK ((((daily_limit >= (0)::numeric) AND (daily_limit <= 999999999.999999)) AND ((monthly_limit >= (0)::numeric) AND (monthly_limit <= 999999999.999999))))
);

COMMENT ON TABLE credits.guild_spending_limits IS 'How much a member may use of a pool in a day and a month; null means no limit, 0 blocks';

CREATE TABLE credits.job_claims (
    name text NOT NULL,
    claimed_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE credits.job_claims IS 'When a process last took a job that one process at a time should do; a reconciliation holds its row while it runs';

CREATE TABLE credits.known_addresses (
    user_id text NOT NULL,
    address_hash bytea NOT NULL,
    CONSTRAINT known_addresses_are_sha256 CHECK ((octet_length(address_hash) = 32))
);

COMMENT ON TABLE credits.known_addresses IS 'By which addresses each person was met, so that an erasure finds the gifts for them: hashes alone, since nothing else needs the address';

COMMENT ON COLUMN credits.known_addresses.address_hash IS 'Keyed with credits.address_key, of the address with its ASCII letters small';

CREATE TABLE credits.outbox (
    number bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    user_id text,
    organization_id text,
    data jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE credits.outbox IS 'Events that wait to be given their position by credits.order_events; rows of the same account are numbered in its order';

COMMENT ON COLUMN credits.outbox.user_id IS 'Whose account it is, or which member moved the pool''s';

COMMENT ON COLUMN credits.outbox.organization_id IS 'Whose pool it is; null for a personal account';

ALTER TABLE credits.outbox ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME credits.outbox_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

COMMENT ON SEQUENCE credits.outbox_number_seq IS 'Numbers events as they are written';

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

COMMENT ON TABLE credits.packages IS 'What can be bought; a DBA adds one with a plain insert, the id comes by itself. A small reference table, the same for every account';

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

COMMENT ON TABLE credits.purchase_disputes IS 'The disputes about each purchase, as Stripe last reported them';

CREATE TABLE credits.reconciled_accounts (
    transaction_id uuid NOT NULL,
    balance numeric(18,6) NOT NULL,
    total_in numeric(24,6) NOT NULL,
    total_out numeric(24,6) NOT NULL,
    version bigint NOT NULL,
    seal_id uuid
);

COMMENT ON TABLE credits.reconciled_accounts IS 'For each account the newest ledger row of the last clean run, and the figures proved then: the next run begins there. It names no account, so an erasure finds nothing in it';

COMMENT ON COLUMN credits.reconciled_accounts.transaction_id IS 'The last verified row of a personal ledger or of a pool''s';

COMMENT ON COLUMN credits.reconciled_accounts.balance IS 'What the account owned after it: balance + reserved';

COMMENT ON COLUMN credits.reconciled_accounts.total_in IS 'total_earned of a balance, total_funded of a pool';

COMMENT ON COLUMN credits.reconciled_accounts.total_out IS 'total_spent';

COMMENT ON COLUMN credits.reconciled_accounts.version IS 'How many rows its ledger had, this one included';

COMMENT ON COLUMN credits.reconciled_accounts.seal_id IS 'The newest sealed row of the account whose seal was verified then; null if none';

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

COMMENT ON TABLE credits.reconciliations IS 'Every run of credits.reconcile over all checks; it names no account';

COMMENT ON COLUMN credits.reconciliations.scope IS 'full: all there is; new: what is newer than the last clean run';

COMMENT ON COLUMN credits.reconciliations.clean IS 'Whether nothing was off';

COMMENT ON COLUMN credits.reconciliations.credits_held IS 'All credits in balances, pools, gifts and reservations at that moment';

COMMENT ON COLUMN credits.reconciliations.details IS 'By check: how many discrepancies, and the milliseconds it took';

CREATE TABLE credits.seals (
    user_id text NOT NULL,
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT seals_are_sha256 CHECK ((octet_length(hash) = 32))
);

COMMENT ON TABLE credits.seals IS 'How the hash chain of each personal ledger stood at some of its rows: append-only. What is sealed is evidence, what came since is not yet';

COMMENT ON COLUMN credits.seals.id IS 'The ledger row that the seal is of';

COMMENT ON COLUMN credits.seals.sequence IS 'Its number in its account, hence how many rows are sealed';

COMMENT ON COLUMN credits.seals.hash IS 'SHA-256 of the hash of the row before (nothing for the first row) and the row''s canonical text: over every row from the first to this one';

COMMENT ON COLUMN credits.seals.created_at IS 'Since when a change of the rows up to here is evident';

CREATE TABLE credits.service_cap_usage (
    caller text NOT NULL,
    day date NOT NULL,
    amount numeric(24,6) NOT NULL,
    CONSTRAINT service_cap_usage_never_negative CHECK ((amount >= (0)::numeric))
);

COMMENT ON TABLE credits.service_cap_usage IS 'How much each capped caller has moved by UTC day';

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

COMMENT ON TABLE credits.service_caps IS 'Caps of a login role, or of a service key by its name: null means no cap; who has no row is not capped. A DBA adds one with a plain insert';

COMMENT ON COLUMN credits.service_caps.caller IS 'The login role of an SQL caller, or the name of a service key';

COMMENT ON COLUMN credits.service_caps.operations IS 'Which operations the caller may call';

COMMENT ON COLUMN credits.service_caps.app_ids IS 'For which apps';

COMMENT ON COLUMN credits.service_caps.max_amount IS 'The most that one call may move';

COMMENT ON COLUMN credits.service_caps.max_amount_per_day IS 'The most that all calls of a UTC day may move together';

CREATE TABLE credits.settings (
    only_row boolean DEFAULT true NOT NULL,
    limits_time_zone text DEFAULT 'UTC'::text NOT NULL,
    CONSTRAINT settings_have_one_row CHECK (only_row)
);

COMMENT ON TABLE credits.settings IS 'What is the same for the whole database; written by the deployment';

COMMENT ON COLUMN credits.settings.limits_time_zone IS 'The zone in which days and months of spending limits are cut';

CREATE TABLE credits.stripe_customer_deletions (
    stripe_customer_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE credits.stripe_customer_deletions IS 'Customers of erased persons that are still to be deleted at Stripe; a row goes when Stripe has confirmed it, and nothing here says who it was';

CREATE TABLE credits.stripe_customers (
    user_id credits.account_id NOT NULL,
    stripe_customer_id text NOT NULL,
    email text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE credits.stripe_customers IS 'The one Stripe customer of each user';

CREATE TABLE credits.usage_folds (
    user_id text NOT NULL,
    app_id text NOT NULL,
    date date NOT NULL,
    credits_used numeric(24,6) NOT NULL,
    transactions_count bigint NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE credits.usage_folds IS 'Personal usage by user, app and UTC day, up to the ledger row that usage_marks names. Read it through the view usage_stats, which adds the rows since';

CREATE TABLE credits.usage_marks (
    user_id text NOT NULL,
    last_id uuid NOT NULL
);

COMMENT ON TABLE credits.usage_marks IS 'Up to which ledger row an account''s usage is folded into usage_folds';

CREATE TABLE credits.webhook_secrets (
    consumer text NOT NULL,
    secret text NOT NULL
);

COMMENT ON TABLE credits.webhook_secrets IS 'What deliveries are signed with. Apart from the rest, since auditors read every other table and must not read this one';

CREATE TABLE credits.webhooks (
    consumer text NOT NULL,
    url text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    last_failure text,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    claim uuid,
    stopped_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT webhooks_are_http CHECK ((url ~ '^https?://[^\s/?#@]+([/?#]\S*)?$'::text))
);

COMMENT ON TABLE credits.webhooks IS 'Where the API posts a consumer''s events';

COMMENT ON COLUMN credits.webhooks.failures IS 'How often in a row delivery has failed';

COMMENT ON COLUMN credits.webhooks.due_at IS 'When delivery may be claimed: after a pause, or when the claim of a process that died has run out';

COMMENT ON COLUMN credits.webhooks.claim IS 'Known only to the process that delivers now; null when none does';

COMMENT ON COLUMN credits.webhooks.stopped_at IS 'Since when nothing is sent, since the address answered that it is gone; registering the webhook again goes on where it stopped. Null is never';

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

COMMENT ON TABLE gifts.gift_redemptions IS 'Every attempt to redeem a gift, failed ones included: append-only';

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

ALTER TABLE ONLY credits.deployed
    ADD CONSTRAINT deployed_pkey PRIMARY KEY (kind, object);

ALTER TABLE ONLY credits.event_consumers
    ADD CONSTRAINT event_consumers_pkey PRIMARY KEY (consumer);

ALTER TABLE ONLY credits.event_log
    ADD CONSTRAINT event_log_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY credits.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY credits.figures
    ADD CONSTRAINT figures_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY credits.guild_member_spending
    ADD CONSTRAINT guild_member_spending_pkey PRIMARY KEY (organization_id, user_id, day);

ALTER TABLE ONLY credits.guild_pools
    ADD CONSTRAINT guild_pools_pkey PRIMARY KEY (organization_id);

ALTER TABLE ONLY credits.guild_seals
    ADD CONSTRAINT guild_seals_pkey PRIMARY KEY (organization_id, id);

ALTER TABLE ONLY credits.guild_spending_limits
    ADD CONSTRAINT guild_spending_limits_pkey PRIMARY KEY (organization_id, user_id);

ALTER TABLE ONLY credits.guild_transactions
    ADD CONSTRAINT guild_transactions_pkey PRIMARY KEY (organization_id, id);

ALTER TABLE ONLY credits.job_claims
    ADD CONSTRAINT job_claims_pkey PRIMARY KEY (name);

ALTER TABLE ONLY credits.known_addresses
    ADD CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, address_hash);

ALTER TABLE ONLY credits.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (number);

ALTER TABLE ONLY credits.packages
    ADD CONSTRAINT packages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY credits.purchase_disputes
    ADD CONSTRAINT purchase_disputes_pkey PRIMARY KEY (user_id, purchase_id, stripe_dispute_id);

ALTER TABLE ONLY credits.purchases
    ADD CONSTRAINT purchases_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY credits.reconciled_accounts
    ADD CONSTRAINT reconciled_accounts_pkey PRIMARY KEY (transaction_id);

ALTER TABLE ONLY credits.reconciliations
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY (id);

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

ALTER TABLE ONLY credits.webhook_secrets
    ADD CONSTRAINT webhook_secrets_pkey PRIMARY KEY (consumer);

ALTER TABLE ONLY credits.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (consumer);

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

CREATE TRIGGER assign_package_id BEFORE INSERT ON credits.packages FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION credits._assign_package_id();

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

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.guild_seals FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.guild_seals ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.guild_transactions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.guild_transactions ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.seals FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.seals ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.transactions FOR EACH ROW EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.transactions ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.dated_movements FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.dated_movements ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

CREATE TRIGGER protect_ledger_from_truncate BEFORE TRUNCATE ON credits.guild_seals FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.guild_seals ENABLE ALWAYS TRIGGER protect_ledger_from_truncate;

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

ALTER TABLE ONLY credits.webhook_secrets
    ADD CONSTRAINT webhook_secrets_consumer_fkey FOREIGN KEY (consumer) REFERENCES credits.webhooks(consumer) ON DELETE CASCADE;

ALTER TABLE ONLY credits.webhooks
    ADD CONSTRAINT webhooks_consumer_fkey FOREIGN KEY (consumer) REFERENCES credits.event_consumers(consumer) ON DELETE CASCADE;

ALTER TABLE ONLY gifts.gift_redemptions
    ADD CONSTRAINT gift_redemptions_gift_fkey FOREIGN KEY (code) REFERENCES gifts.gift_codes(code);
