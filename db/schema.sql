-- The tables of a fresh installation, as PostgreSQL tells them. Written by `make schema`.

CREATE SCHEMA credits;

COMMENT ON SCHEMA credits IS 'Balances, guild pools and purchases: tables, and the functions that are the only way to move credits';

CREATE SCHEMA gifts;

COMMENT ON SCHEMA gifts IS 'Gift codes and their redemptions';

CREATE SCHEMA reconcile;

COMMENT ON SCHEMA reconcile IS 'The books, proved: every view in here is empty when all is well';

CREATE DOMAIN credits.account_id AS text
	CONSTRAINT account_id_is_plain_text CHECK (((VALUE <> ''::text) AND (char_length(VALUE) <= 128) AND (VALUE !~ '[\u0001-\u001f\u007f-\u009f]'::text)));

COMMENT ON DOMAIN credits.account_id IS 'Opaque id of a user, guild or app: 1 to 128 characters, no control characters';

CREATE TYPE credits.account_kind AS ENUM (
    'person',
    'pool'
);

COMMENT ON TYPE credits.account_kind IS 'Whose an account is: a person''s own, or a guild''s pool';

CREATE TYPE credits.act AS (
	id uuid,
	account_id text,
	admin_id text,
	action text,
	subject_id text,
	amount numeric,
	reason text,
	entry_id uuid,
	balance numeric,
	before jsonb,
	after jsonb,
	idempotency_key text,
	request_id text,
	created_at timestamp with time zone,
	replayed boolean
);

COMMENT ON TYPE credits.act IS 'What an act of the support desk answers: its row, and whether this call repeats an earlier one';

CREATE TYPE credits.batched AS (
	item integer,
	id uuid,
	created_at timestamp with time zone,
	sequence bigint,
	number bigint,
	due_after timestamp with time zone,
	available numeric,
	reserved numeric,
	clawed_back numeric,
	total_spent numeric,
	member integer,
	of_member numeric
);

COMMENT ON TYPE credits.batched IS 'An entry of a batch: its item, and the account right after it. Of a pool: an item by which its member is known, and what the member has taken in the batch by then';

CREATE TYPE credits.dispute_status AS ENUM (
    'open',
    'won',
    'lost'
);

COMMENT ON TYPE credits.dispute_status IS 'Who has got the money of a disputed payment: open and lost take the credits, won gives them back';

CREATE TYPE credits.entry_type AS ENUM (
    'purchase',
    'usage',
    'refund',
    'gift',
    'guild_funding',
    'grant',
    'expiry',
    'clawback',
    'adjustment',
    'erasure',
    'funding',
    'hold',
    'release'
);

COMMENT ON TYPE credits.entry_type IS 'Why an account changed. guild_funding is the funder''s side, funding the pool''s; hold and release change what is held, not what is owned';

CREATE TYPE credits.exceeded AS (
	scope text,
	window_name text,
	window_limit numeric,
	window_spent numeric,
	day date
);

COMMENT ON TYPE credits.exceeded IS 'A limit that a debit would exceed: whose it is (own, app, member, default), its window, what was spent in that before, and a day of the window';

CREATE TYPE credits.guild_movement AS (
	id uuid,
	organization_id text,
	user_id text,
	type credits.entry_type,
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
	replayed boolean,
	charge jsonb
);

COMMENT ON TYPE credits.guild_movement IS 'What a call that moves guild credits answers: its entry, the pool right after it, and whether this call repeats an earlier one';

CREATE TYPE credits.guild_use_outcome AS (
	item integer,
	refusal text,
	refusal_message text,
	refusal_detail text,
	refusal_hint text,
	id uuid,
	organization_id text,
	user_id text,
	type credits.entry_type,
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
	replayed boolean,
	charge jsonb
);

COMMENT ON TYPE credits.guild_use_outcome IS 'What became of one item of a batch of debits of guild pools: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';

CREATE TYPE credits.lot_share AS (
	id uuid,
	taken numeric,
	remaining numeric
);

COMMENT ON TYPE credits.lot_share IS 'What a debit takes of a lot, and what is left of that';

CREATE TYPE credits.transaction_status AS ENUM (
    'completed'
);

COMMENT ON TYPE credits.transaction_status IS 'An entry is written when the credits have moved, so there is one status';

CREATE TYPE credits.movement AS (
	id uuid,
	user_id text,
	type credits.entry_type,
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
	replayed boolean,
	charge jsonb
);

COMMENT ON TYPE credits.movement IS 'What a call that moves personal credits answers: its entry, the account right after it, and whether this call repeats an earlier one';

CREATE TYPE credits.posted AS (
	id uuid,
	created_at timestamp with time zone,
	available numeric,
	reserved numeric,
	total_spent numeric,
	sequence bigint,
	debt numeric,
	spending_day date,
	ends_at timestamp with time zone
);

COMMENT ON TYPE credits.posted IS 'What credits._post says of the entry that it wrote: the account right after it';

CREATE TYPE credits.priced AS (
	amount numeric,
	charge jsonb,
	malformed bigint,
	unknown text
);

COMMENT ON TYPE credits.priced IS 'What a call moves, and the charge that it follows from where it was by items; or the place of the first item that is malformed, or the first operation that is unknown';

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

CREATE TYPE credits.running_figures AS (
	spending_day date,
	running_day date,
	spent_that_day numeric,
	spent_that_month numeric,
	spent_that_week numeric,
	exceeded credits.exceeded
);

COMMENT ON TYPE credits.running_figures IS 'What an entry of a pool says of its member: the day on which it counts, the figures that run on, and a limit that it exceeds, if any';

CREATE TYPE credits.spending AS (
	running_day date,
	today numeric,
	this_week numeric,
	this_month numeric
);

COMMENT ON TYPE credits.spending IS 'What was used or is held on a local day, in its ISO week and in its month';

CREATE DOMAIN credits.standing AS numeric
	CONSTRAINT standing_is_never_negative CHECK (((VALUE >= (0)::numeric) AND (VALUE < ('1000000000000'::bigint)::numeric)));

COMMENT ON DOMAIN credits.standing IS 'What is available, held or owed: never negative, at most 12 digits before the point, never NaN';

CREATE TYPE credits.use_outcome AS (
	item integer,
	refusal text,
	refusal_message text,
	refusal_detail text,
	refusal_hint text,
	id uuid,
	user_id text,
	type credits.entry_type,
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
	replayed boolean,
	charge jsonb
);

COMMENT ON TYPE credits.use_outcome IS 'What became of one item of a batch of debits: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';

CREATE TYPE credits.use_request AS (
	account_id text,
	member_id text,
	amount numeric,
	app_id text,
	description text,
	idempotency_key text,
	metadata jsonb,
	items jsonb,
	expected_amount numeric,
	request_id text
);

COMMENT ON TYPE credits.use_request IS 'A debit that is asked for: the account, the member where that is a pool, and what credits.use_credits takes besides';

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

COMMENT ON COLUMN credits.purchases.transaction_id IS 'The entry that credited it; there is at most one by entries_once_per_source';

COMMENT ON COLUMN credits.purchases.refunded_cents IS 'How much of the payment Stripe has refunded, cumulative';

COMMENT ON COLUMN credits.purchases.clawed_back_credits IS 'How many of the credits are taken back at present for refunds and disputes';

COMMENT ON COLUMN credits.purchases.reversals_version IS 'How often refunds and disputes were noted: what was asked of Stripe before the last of them is asked again';

COMMENT ON COLUMN credits.purchases.idempotency_key IS 'The key with which it was begun; emptied by an erasure';

COMMENT ON COLUMN credits.purchases.request_digest IS 'SHA-256 of what was asked for with the key, so that a key with other parameters is refused; emptied by an erasure';

CREATE TABLE credits.admin_actions (
    account_id text NOT NULL,
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    admin_id credits.account_id NOT NULL,
    action text NOT NULL,
    subject_id text,
    asked jsonb DEFAULT '{}'::jsonb NOT NULL,
    amount numeric(18,6),
    reason text NOT NULL,
    entry_id uuid,
    balance numeric(18,6),
    before jsonb,
    after jsonb,
    idempotency_key text,
    request_id text,
    called_by text DEFAULT SESSION_USER NOT NULL,
    created_at timestamp with time zone NOT NULL,
    words_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT admin_actions_are_on_others CHECK ((account_id <> (admin_id)::text)),
    CONSTRAINT admin_actions_are_sealed CHECK (((octet_length(hash) = 32) AND (octet_length(words_hash) = 32))),
    CONSTRAINT admin_actions_know_their_kind CHECK ((action = ANY (ARRAY['grant'::text, 'take'::text, 'refund'::text, 'release'::text, 'cancel_gift'::text, 'freeze'::text, 'unfreeze'::text, 'set_package'::text, 'set_price'::text, 'make_key'::text, 'revoke_key'::text]))),
    CONSTRAINT admin_actions_say_why CHECK ((char_length(reason) <= 500))
);

COMMENT ON TABLE credits.admin_actions IS 'What people in support did, each in the transaction of what it did: append-only, each account''s acts one hash chain';

COMMENT ON COLUMN credits.admin_actions.account_id IS 'The person that it was done to; empty for packages, prices and service keys';

COMMENT ON COLUMN credits.admin_actions.sequence IS 'The act''s place among those on the account: 1, 2, 3 and so on without gaps';

COMMENT ON COLUMN credits.admin_actions.admin_id IS 'Who did it: sub of the token';

COMMENT ON COLUMN credits.admin_actions.subject_id IS 'What it was about: a usage, a hold, a gift, a package, an operation or the name of a service';

COMMENT ON COLUMN credits.admin_actions.asked IS 'What else was asked for, to tell a retry from another request under the same key';

COMMENT ON COLUMN credits.admin_actions.amount IS 'Signed, what it moved';

COMMENT ON COLUMN credits.admin_actions.reason IS 'Why; emptied by an erasure';

COMMENT ON COLUMN credits.admin_actions.entry_id IS 'The entry that it wrote';

COMMENT ON COLUMN credits.admin_actions.balance IS 'What the person could spend right after';

COMMENT ON COLUMN credits.admin_actions.before IS 'What a package or price was';

COMMENT ON COLUMN credits.admin_actions.after IS 'What it is since';

COMMENT ON COLUMN credits.admin_actions.words_hash IS 'Keyed hash of who did it, to whom and why: an erasure changes these words, and their hash is what is sealed';

COMMENT ON COLUMN credits.admin_actions.hash IS 'SHA-256 of the hash of the act before (nothing for the first one) and this act''s canonical text';

CREATE TABLE credits.reservations (
    account_id credits.account_id NOT NULL,
    kind credits.account_kind NOT NULL,
    id uuid NOT NULL,
    user_id credits.account_id NOT NULL,
    amount numeric(15,6) NOT NULL,
    status credits.reservation_status DEFAULT 'held'::credits.reservation_status NOT NULL,
    committed_amount numeric(15,6) DEFAULT 0 NOT NULL,
    committed_late boolean DEFAULT false NOT NULL,
    app_id text NOT NULL,
    reason text NOT NULL,
    spending_day date,
    transaction_id uuid,
    balance_after_end numeric(18,6),
    called_by text DEFAULT SESSION_USER NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    captured numeric(15,6) DEFAULT 0 NOT NULL,
    uncollected numeric(15,6) DEFAULT 0 NOT NULL,
    sequence bigint,
    CONSTRAINT reservations_are_late_when_committed CHECK (((NOT committed_late) OR (status = 'committed'::credits.reservation_status))),
    CONSTRAINT reservations_belong_to_their_account CHECK (((kind = 'pool'::credits.account_kind) OR ((account_id)::text = (user_id)::text))),
    CONSTRAINT reservations_commit_something CHECK (((status = 'committed'::credits.reservation_status) OR ((committed_amount = (0)::numeric) AND (uncollected = (0)::numeric)))),
    CONSTRAINT reservations_end_once CHECK (((status = 'held'::credits.reservation_status) = (ended_at IS NULL))),
    CONSTRAINT reservations_hold_something CHECK (((amount >= (0)::numeric) AND (captured >= (0)::numeric) AND ((amount + captured) > (0)::numeric) AND (committed_amount >= (0)::numeric) AND (uncollected >= (0)::numeric))),
    CONSTRAINT reservations_of_guilds_count_on_a_day CHECK (((kind = 'person'::credits.account_kind) OR (spending_day IS NOT NULL))),
    CONSTRAINT reservations_text_length CHECK (((char_length(reason) <= 1000) AND (char_length(app_id) <= 128)))
);

COMMENT ON TABLE credits.reservations IS 'Credits set aside from an account, one row a hold. What is held, extended and freed are entries; what is committed is one of type usage';

COMMENT ON COLUMN credits.reservations.account_id IS 'Whose credits are held';

COMMENT ON COLUMN credits.reservations.user_id IS 'Who holds: the person, or the member of the guild';

COMMENT ON COLUMN credits.reservations.amount IS 'What is held, or was when it ended: what was reserved, less what was captured';

COMMENT ON COLUMN credits.reservations.committed_late IS 'Committed after its time, from what was free then; ended_at is when its credits were free again';

COMMENT ON COLUMN credits.reservations.spending_day IS 'The local day whose limits the hold, and what is used of it, counts against';

COMMENT ON COLUMN credits.reservations.transaction_id IS 'The entry of what was committed';

COMMENT ON COLUMN credits.reservations.balance_after_end IS 'What could be spent right after commit or release, so that a retried call can repeat the first answer';

COMMENT ON COLUMN credits.reservations.expires_at IS 'When it ends: what the last of its entries of type hold says';

COMMENT ON COLUMN credits.reservations.captured IS 'What was used of it in parts, each an entry of type usage, before its end';

COMMENT ON COLUMN credits.reservations.uncollected IS 'What a commit asked for beyond the hold and did not get';

COMMENT ON COLUMN credits.reservations.sequence IS 'The entry of its account that set it aside, whose charge has the prices that captures and the commit keep';

CREATE TABLE credits.entries (
    account_id text NOT NULL,
    kind credits.account_kind NOT NULL,
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    due_after timestamp with time zone,
    ends_at timestamp with time zone,
    number bigint NOT NULL,
    type credits.entry_type NOT NULL,
    reversal boolean DEFAULT false NOT NULL,
    spending_day date,
    running_day date,
    amount numeric NOT NULL,
    available credits.standing NOT NULL,
    reserved credits.standing NOT NULL,
    debt credits.standing NOT NULL,
    clawed_back numeric NOT NULL,
    total_spent numeric NOT NULL,
    spent_that_day numeric,
    spent_that_month numeric,
    lot_id uuid,
    lot_taken numeric,
    lot_left numeric,
    other_id text,
    reference_id text,
    app_id text,
    description text DEFAULT ''::text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    idempotency_key text,
    called_by text DEFAULT SESSION_USER NOT NULL,
    request_id text,
    charge jsonb,
    spent_that_week numeric
);

COMMENT ON TABLE credits.entries IS 'The ledger of people and pools: append-only, each account''s entries one unbroken chain, each with the state after it. There is no balance beside it';

COMMENT ON COLUMN credits.entries.sequence IS 'The entry''s place in its account: 1, 2, 3 and so on without gaps';

COMMENT ON COLUMN credits.entries.id IS 'UUID version 7 of the moment: an account''s ids grow with its sequence, also when the clock goes back';

COMMENT ON COLUMN credits.entries.due_after IS 'Nothing of the account falls due by time (holds, lots) before this moment; null where nothing does. It may be earlier than what falls due first';

COMMENT ON COLUMN credits.entries.ends_at IS 'Of a hold: when it ends. Of a grant with a date: when its lot ends. Of an end by time: the moment at which it came, also where that was written down later';

COMMENT ON COLUMN credits.entries.number IS 'How many entries until this one, itself included, moved what the account owns: the row''s number in statements';

COMMENT ON COLUMN credits.entries.reversal IS 'Brings back what went out before: lowers total_spent instead of raising total_earned';

COMMENT ON COLUMN credits.entries.spending_day IS 'Of a pool: the local day whose limit the entry counts against, or gives back to';

COMMENT ON COLUMN credits.entries.running_day IS 'Of a pool: the latest local day on which the member moved the pool; spent_that_day and spent_that_month are of it';

COMMENT ON COLUMN credits.entries.amount IS 'Signed change of what the account owns: 0 for a hold and its release';

COMMENT ON COLUMN credits.entries.available IS 'What can be spent after the entry; 0 where there is a debt';

COMMENT ON COLUMN credits.entries.reserved IS 'What open holds have set aside after the entry';

COMMENT ON COLUMN credits.entries.debt IS 'What is owed after the entry, at most clawed_back';

COMMENT ON COLUMN credits.entries.clawed_back IS 'All that was taken back since payments were refunded or disputed, less what was given again, and what overruns took beyond what was there: bounds the debt';

COMMENT ON COLUMN credits.entries.total_spent IS 'All that went out until this entry, less what reversals brought back';

COMMENT ON COLUMN credits.entries.spent_that_day IS 'Of a pool: what the member has used or holds of it on running_day, after the entry';

COMMENT ON COLUMN credits.entries.spent_that_month IS 'Of a pool: what the member has used or holds of it in the month of running_day, after the entry';

COMMENT ON COLUMN credits.entries.lot_id IS 'The lot in front, of which a plain usage was taken; what credits.lots says of it is older until an entry without lot_id follows';

COMMENT ON COLUMN credits.entries.lot_taken IS 'What this entry took of the lot in front';

COMMENT ON COLUMN credits.entries.lot_left IS 'What is left of the lot in front';

COMMENT ON COLUMN credits.entries.other_id IS 'Of a pool: the member who funded or used. Of a person: the guild that was funded';

COMMENT ON COLUMN credits.entries.reference_id IS 'What caused the entry: a purchase, a gift, the entry on the other side, a refunded usage, a hold, a lot or the grantor''s own reference';

COMMENT ON COLUMN credits.entries.called_by IS 'The login role that called';

COMMENT ON COLUMN credits.entries.request_id IS 'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL gave; emptied by an erasure';

COMMENT ON COLUMN credits.entries.charge IS 'What a debit or a hold by items came to: {amount, pricedAt, lines: [{operation, quantity, unit, unitPrice, per, step, minimum, amount}]}; null where an amount was given';

COMMENT ON COLUMN credits.entries.spent_that_week IS 'Of a pool: what the member has used or holds of it in the ISO week of running_day, after the entry';

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

CREATE TABLE credits.guild_spending_limits (
    organization_id credits.account_id NOT NULL,
    user_id credits.account_id NOT NULL,
    daily_limit numeric(15,6),
    monthly_limit numeric(15,6),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    weekly_limit numeric(15,6),
    unlimited boolean DEFAULT false NOT NULL,
    until timestamp with time zone,
    later_daily_limit numeric(15,6),
    later_weekly_limit numeric(15,6),
    later_monthly_limit numeric(15,6),
    later_unlimited boolean DEFAULT false NOT NULL,
    CONSTRAINT guild_spending_limits_in_range CHECK ((((daily_limit >= (0)::numeric) AND (daily_limit <= 999999999.999999)) AND ((weekly_limit >= (0)::numeric) AND (weekly_limit <= 999999999.999999)) AND ((monthly_limit >= (0)::numeric) AND (monthly_limit <= 999999999.999999))))
);

COMMENT ON TABLE credits.guild_spending_limits IS 'How much a member may use of a pool in a day, a week and a month, in place of the pool''s limits for all members; null leaves it to those, 0 blocks';

COMMENT ON COLUMN credits.guild_spending_limits.unlimited IS 'No limit holds for this member, nor those of the pool';

COMMENT ON COLUMN credits.guild_spending_limits.until IS 'Until when these limits hold; null for good';

COMMENT ON COLUMN credits.guild_spending_limits.later_daily_limit IS 'What holds after until, and held before: the limit of a day; those of a week and a month, and unlimited, beside it';

CREATE TABLE credits.packages (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
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

CREATE TABLE credits.prices (
    operation text NOT NULL,
    valid_from timestamp with time zone DEFAULT now() NOT NULL,
    app_id text,
    unit text DEFAULT 'call'::text NOT NULL,
    unit_price numeric NOT NULL,
    per numeric DEFAULT 1 NOT NULL,
    step numeric DEFAULT 1 NOT NULL,
    minimum numeric DEFAULT 0 NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    category text,
    sort_order integer DEFAULT 0 NOT NULL,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT prices_are_per_some_units CHECK (((per > (0)::numeric) AND (per <= (1000000000)::numeric) AND (scale(per) <= 6))),
    CONSTRAINT prices_go_by_steps CHECK (((step > (0)::numeric) AND (step <= (1000000000)::numeric) AND (scale(step) <= 6))),
    CONSTRAINT prices_have_a_minimum CHECK (((minimum >= (0)::numeric) AND (minimum <= 999999999.999999) AND (scale(minimum) <= 6))),
    CONSTRAINT prices_name_an_operation CHECK (((operation <> ''::text) AND (char_length(operation) <= 128) AND (operation !~ '[\u0001-\u001f\u007f-\u009f]'::text))),
    CONSTRAINT prices_of_a_unit CHECK (((unit_price >= (0)::numeric) AND (unit_price <= 999999999.999999) AND (scale(unit_price) <= 12))),
    CONSTRAINT prices_text_length CHECK (((char_length(name) <= 200) AND (char_length(description) <= 1000) AND (char_length(category) <= 100) AND (char_length(app_id) <= 128)))
);

COMMENT ON TABLE credits.prices IS 'What an operation costs from a moment on: max(minimum, ceil(quantity / step) * step / per * unit_price). Append-only, never in the past; a DBA adds one with a plain insert. The same for every account';

COMMENT ON COLUMN credits.prices.valid_from IS 'From when; the price of a moment is the newest row of the operation that is valid then';

COMMENT ON COLUMN credits.prices.app_id IS 'The app whose operation it is, for lists; the price holds whoever asks';

COMMENT ON COLUMN credits.prices.unit IS 'What a quantity counts: a call, a token, a second';

COMMENT ON COLUMN credits.prices.unit_price IS 'The price of so many units as per says';

COMMENT ON COLUMN credits.prices.step IS 'Quantities are rounded up to a multiple of it';

COMMENT ON COLUMN credits.prices.minimum IS 'The least that a line costs';

COMMENT ON COLUMN credits.prices.active IS 'False from this moment on: the operation is withdrawn';

COMMENT ON COLUMN credits.prices.created_at IS 'When it was written down';

CREATE TABLE credits.erasure_requests (
    user_hash bytea NOT NULL,
    user_id text,
    pseudonym text,
    addresses bytea[],
    deleted_count integer DEFAULT 0 NOT NULL,
    forfeited_credits numeric(18,6) DEFAULT 0 NOT NULL,
    cancelled_gifts integer DEFAULT 0 NOT NULL,
    released_reservations integer DEFAULT 0 NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT erasure_requests_forget_who_it_was CHECK ((((finished_at IS NULL) = (user_id IS NOT NULL)) AND ((finished_at IS NULL) = (pseudonym IS NOT NULL)) AND ((finished_at IS NULL) = (addresses IS NOT NULL))))
);

COMMENT ON TABLE credits.erasure_requests IS 'Erasures of large accounts, which the background work finishes step by step. What is left afterwards tells a repeated call the result, and nobody who it was';

COMMENT ON COLUMN credits.erasure_requests.user_hash IS 'Of the id, keyed with credits.address_key';

COMMENT ON COLUMN credits.erasure_requests.due_at IS 'When to go on: later than now only after a failure';

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
    claimed_before integer DEFAULT 0 NOT NULL,
    CONSTRAINT gift_codes_charge_what_can_be_claimed CHECK (((credits_per_portion >= (1)::numeric) AND (credits_per_portion = trunc(credits_per_portion)) AND (total_credits <= (10000)::numeric) AND (total_credits = (credits_per_portion * (total_portions)::numeric)))),
    CONSTRAINT gift_codes_claimed_before_in_range CHECK ((((claimed_before >= 0) AND (claimed_before <= claimed_portions)) AND (claimed_before < total_portions))),
    CONSTRAINT gift_codes_code_is_typeable CHECK (((code ~ '^[A-HJ-NP-Z2-9]{10}$'::text) OR (code ~ '^[A-HJ-NP-Z2-9]{6}$'::text))),
    CONSTRAINT gift_codes_depleted_when_all_claimed CHECK (((status = 'depleted'::gifts.gift_status) = (claimed_portions = total_portions))),
    CONSTRAINT gift_codes_never_stored_as_expired CHECK ((status <> 'expired'::gifts.gift_status)),
    CONSTRAINT gift_codes_portions_in_range CHECK ((((total_portions >= 1) AND (total_portions <= 100)) AND ((claimed_portions >= 0) AND (claimed_portions <= total_portions)))),
    CONSTRAINT gift_codes_refund_the_unclaimed CHECK ((refunded_credits =
CASE
    WHEN (status = ANY (ARRAY['cancelled'::gifts.gift_status, 'refunded'::gifts.gift_status])) THEN (total_credits - (credits_per_portion * (claimed_portions)::numeric))
    ELSE (0)::numeric
END)),
    CONSTRAINT gift_codes_refunded_by_an_entry CHECK (((status = ANY (ARRAY['cancelled'::gifts.gift_status, 'refunded'::gifts.gift_status])) = (refund_transaction_id IS NOT NULL))),
    CONSTRAINT gift_codes_riddle_has_both_or_none CHECK (((riddle_question IS NULL) = (riddle_answer_hash IS NULL))),
    CONSTRAINT gift_codes_target_has_its_hash CHECK ((COALESCE((target_email ~~ '%@%'::text), false) = (target_hash IS NOT NULL))),
    CONSTRAINT gift_codes_text_length CHECK (((char_length(message) <= 500) AND (char_length(riddle_question) <= 200) AND (char_length(creator_name) <= 200))),
    CONSTRAINT gift_codes_type_has_its_parts CHECK ((((type <> 'riddle'::gifts.gift_type) OR (riddle_question IS NOT NULL)) AND ((type <> 'personalized'::gifts.gift_type) OR (target_email IS NOT NULL) OR (target_matrix_id IS NOT NULL)) AND ((type <> ALL (ARRAY['simple'::gifts.gift_type, 'personalized'::gifts.gift_type])) OR (total_portions = 1))))
);

COMMENT ON TABLE gifts.gift_codes IS 'Gift codes and what is left of them. Whoever redeems writes the redemption and claimed_portions; that they agree is proved by the reconciliation';

COMMENT ON COLUMN gifts.gift_codes.total_credits IS 'What the creator was charged: credits_per_portion * total_portions';

COMMENT ON COLUMN gifts.gift_codes.refunded_credits IS 'What went back to the creator when the gift was cancelled or expired';

COMMENT ON COLUMN gifts.gift_codes.target_hash IS 'Of target_email, as credits.known_addresses has it, so that an erasure finds the gift';

COMMENT ON COLUMN gifts.gift_codes.riddle_answer_hash IS 'Salted and stretched; the answer itself is kept nowhere';

COMMENT ON COLUMN gifts.gift_codes.reservation_transaction_id IS 'The creator''s entry that charged it';

COMMENT ON COLUMN gifts.gift_codes.refund_transaction_id IS 'The creator''s entry that paid the unclaimed credits back';

COMMENT ON COLUMN gifts.gift_codes.request_digest IS 'Digest of what the creator asked for, to tell a retry from another request under the same key';

COMMENT ON COLUMN gifts.gift_codes.claimed_before IS 'How many portions had been claimed when the gift was brought from the predecessor: its charge here is for the others. 0 for a gift made here';

CREATE TABLE credits.accounts (
    account_id credits.account_id NOT NULL,
    kind credits.account_kind NOT NULL,
    low_balance_at numeric(18,6),
    closed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    has_tombstones boolean DEFAULT false NOT NULL,
    limited boolean DEFAULT false NOT NULL,
    frozen_at timestamp with time zone,
    frozen_reason text,
    CONSTRAINT accounts_say_why_they_are_frozen CHECK ((((frozen_at IS NULL) = (frozen_reason IS NULL)) AND (char_length(frozen_reason) <= 500)))
);

COMMENT ON TABLE credits.accounts IS 'One row an account: what is set, not what moves, and the row that is locked. Whoever moves credits of an account locks it first and does not change it';

COMMENT ON COLUMN credits.accounts.account_id IS 'The user''s or the guild''s id';

COMMENT ON COLUMN credits.accounts.low_balance_at IS 'The event balance.low is written when what the account owns falls from above this to it or below; null is never';

COMMENT ON COLUMN credits.accounts.closed_at IS 'Since when the person is being erased: nothing moves any more; null is never';

COMMENT ON COLUMN credits.accounts.has_tombstones IS 'Whether somebody was erased who had this id before, or who used this pool: only then are keys looked for among credits.tombstones';

COMMENT ON COLUMN credits.accounts.limited IS 'Whether credits.spending_limits has rows of the account, so that whoever has none pays nothing for it';

COMMENT ON COLUMN credits.accounts.frozen_at IS 'Since when nothing goes out; null is never. Open holds may be committed all the same';

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

CREATE TABLE credits.reconciled_accounts (
    account_id text NOT NULL,
    kind credits.account_kind NOT NULL,
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    owned numeric(18,6) NOT NULL,
    number bigint NOT NULL,
    total_spent numeric(24,6) NOT NULL,
    sealed bigint NOT NULL
);

COMMENT ON TABLE credits.reconciled_accounts IS 'For each account the newest entry of the last clean run, and the figures proved then: the next run begins there';

COMMENT ON COLUMN credits.reconciled_accounts.owned IS 'What the account owned after the entry';

COMMENT ON COLUMN credits.reconciled_accounts.sealed IS 'The newest entry whose seal was verified then; 0 if none';

CREATE TABLE credits.seals (
    account_id text NOT NULL,
    kind credits.account_kind NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT seals_are_sha256 CHECK ((octet_length(hash) = 32))
);

COMMENT ON TABLE credits.seals IS 'How the hash chain of each ledger stood at some of its entries: append-only. What is sealed is evidence, what came since is not yet';

COMMENT ON COLUMN credits.seals.sequence IS 'The entry that the seal is of, hence how many entries are sealed';

COMMENT ON COLUMN credits.seals.hash IS 'SHA-256 of the hash of the entry before (nothing for the first one) and the entry''s canonical text: over every entry from the first to this one';

COMMENT ON COLUMN credits.seals.created_at IS 'Since when a change of the entries up to here is evident';

CREATE TABLE credits.deployed (
    kind text NOT NULL,
    object text NOT NULL,
    definition text NOT NULL
);

COMMENT ON TABLE credits.deployed IS 'The definition of everything that was there when the last deployment ended, as credits._definitions tells it; written by deployments alone, and names nobody but deployers';

COMMENT ON COLUMN credits.deployed.kind IS 'function, trigger, constraint, column, right and so on; deployment: of what files, when and by which login it was made';

CREATE TABLE credits.erasures (
    account_id credits.account_id NOT NULL,
    pseudonym credits.account_id NOT NULL,
    place text NOT NULL,
    CONSTRAINT erasures_name_a_pseudonym CHECK ((((pseudonym)::text ~~ 'erased:%'::text) AND ((account_id)::text !~~ 'erased:%'::text)))
);

COMMENT ON TABLE credits.erasures IS 'The person and the pseudonym of an erasure that is under way; empty for everybody else, since its row goes before the transaction ends';

COMMENT ON COLUMN credits.erasures.place IS 'In whose rows the pseudonym takes the place: the person''s own account, a pool or the code of a gift';

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

CREATE TABLE credits.job_claims (
    name text NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone
);

COMMENT ON TABLE credits.job_claims IS 'When a process last took a job that one process at a time should do; a reconciliation holds its row while it runs';

COMMENT ON COLUMN credits.job_claims.done_at IS 'When it was last done, or first taken; null of what is no job but a lock';

CREATE TABLE credits.known_addresses (
    user_id text NOT NULL,
    address_hash bytea NOT NULL,
    CONSTRAINT known_addresses_are_sha256 CHECK ((octet_length(address_hash) = 32))
);

COMMENT ON TABLE credits.known_addresses IS 'By which addresses each person was met, so that an erasure finds the gifts for them: hashes alone, since nothing else needs the address';

COMMENT ON COLUMN credits.known_addresses.address_hash IS 'Keyed with credits.address_key, of the address with its ASCII letters small';

CREATE TABLE credits.lot_movements (
    account_id credits.account_id NOT NULL,
    id uuid NOT NULL,
    lot_id uuid NOT NULL,
    cause_id uuid NOT NULL,
    amount numeric(15,6) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT lot_movements_move_something CHECK ((amount <> (0)::numeric))
);

COMMENT ON TABLE credits.lot_movements IS 'What was taken of lots (negative) and given back to them, where the entry does not say so itself: append-only, so that a refund restores what a usage took';

COMMENT ON COLUMN credits.lot_movements.cause_id IS 'What took or gave back: the entry, the hold, the purchase whose payment went back, or the lot itself where it repaid a debt';

CREATE TABLE credits.lots (
    account_id credits.account_id NOT NULL,
    id uuid NOT NULL,
    granted numeric(15,6) NOT NULL,
    remaining numeric(15,6) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT lots_remain_in_range CHECK (((granted > (0)::numeric) AND ((remaining >= (0)::numeric) AND (remaining <= granted))))
);

COMMENT ON TABLE credits.lots IS 'What is left of each grant with a date. Of the one that ends first the account''s last entry may know better: see credits.entries.lot_id';

COMMENT ON COLUMN credits.lots.id IS 'The entry of the grant';

CREATE TABLE credits.members (
    user_id text NOT NULL,
    organization_id text NOT NULL
);

COMMENT ON TABLE credits.members IS 'Which pools a person ever moved or held credits of: an erasure and a refund of which only the member is known look there';

CREATE TABLE credits.outbox (
    number bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    user_id text,
    organization_id text,
    data jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id text NOT NULL,
    kind credits.account_kind NOT NULL
);

COMMENT ON TABLE credits.outbox IS 'Events that wait to be given their position by credits.order_events';

COMMENT ON COLUMN credits.outbox.number IS 'The order within the account, among the events that wait';

COMMENT ON COLUMN credits.outbox.user_id IS 'Whose account it is, or which member moved the pool''s';

COMMENT ON COLUMN credits.outbox.organization_id IS 'Whose pool it is; null for a personal account';

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

CREATE TABLE credits.rule_history (
    account_id text NOT NULL,
    id uuid NOT NULL,
    table_name text NOT NULL,
    subject_id text,
    before jsonb,
    after jsonb,
    called_by text DEFAULT SESSION_USER NOT NULL,
    created_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE credits.rule_history IS 'What packages, limits, caps of callers and the settings were at any time, whoever changed them: append-only, written by triggers of those tables';

COMMENT ON COLUMN credits.rule_history.account_id IS 'The guild whose member''s limits changed; empty for what holds for the whole database';

COMMENT ON COLUMN credits.rule_history.subject_id IS 'The member, the caller or the app; null for settings and packages';

COMMENT ON COLUMN credits.rule_history.before IS 'What the row said; null for a new one';

COMMENT ON COLUMN credits.rule_history.after IS 'What it says since; null for one that was deleted';

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
    max_overrun numeric(15,6),
    default_hold_seconds integer,
    CONSTRAINT service_caps_hold_within_reason CHECK (((default_hold_seconds >= 1) AND (default_hold_seconds <= 2592000))),
    CONSTRAINT service_caps_know_their_operations CHECK ((operations <@ ARRAY['init'::text, 'use'::text, 'use_guild'::text, 'refund'::text, 'grant'::text, 'reserve'::text, 'capture'::text, 'commit'::text, 'release'::text, 'fund_guild'::text, 'set_limits'::text, 'gift'::text, 'redeem'::text, 'erase'::text, 'take'::text, 'freeze'::text, 'sell'::text, 'keys'::text])),
    CONSTRAINT service_caps_never_negative CHECK (((max_amount >= (0)::numeric) AND (max_amount_per_day >= (0)::numeric) AND (max_overrun >= (0)::numeric)))
);

COMMENT ON TABLE credits.service_caps IS 'Caps of a login role, or of a service key by its name: null means no cap; who has no row is not capped. A DBA adds one with a plain insert';

COMMENT ON COLUMN credits.service_caps.caller IS 'The login role of an SQL caller, or the name of a service key';

COMMENT ON COLUMN credits.service_caps.operations IS 'Which operations the caller may call';

COMMENT ON COLUMN credits.service_caps.app_ids IS 'For which apps';

COMMENT ON COLUMN credits.service_caps.max_amount IS 'The most that one call may move';

COMMENT ON COLUMN credits.service_caps.max_amount_per_day IS 'The most that all calls of a UTC day may move together';

COMMENT ON COLUMN credits.service_caps.max_overrun IS 'How far below zero a commit of this caller''s may leave an account; null means not at all';

COMMENT ON COLUMN credits.service_caps.default_hold_seconds IS 'How long a hold of this caller''s lasts that names no time; null means 24 hours';

CREATE TABLE credits.service_keys (
    name text NOT NULL,
    number integer NOT NULL,
    key_hash bytea,
    reason text NOT NULL,
    called_by text DEFAULT SESSION_USER NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_on date,
    revoked_at timestamp with time zone,
    revoked_reason text,
    revoked_by text,
    CONSTRAINT service_keys_have_a_name CHECK ((name <> ''::text)),
    CONSTRAINT service_keys_have_their_hash CHECK (((number >= 0) AND ((number = 0) = (key_hash IS NULL)) AND (octet_length(key_hash) = 32))),
    CONSTRAINT service_keys_of_the_environment_are_revoked CHECK (((number > 0) OR (revoked_at IS NOT NULL))),
    CONSTRAINT service_keys_say_why_they_are_revoked CHECK ((num_nulls(revoked_at, revoked_reason, revoked_by) = ANY (ARRAY[0, 3])))
);

COMMENT ON TABLE credits.service_keys IS 'Keys of trusted services that were made while everything runs, each for good: a key is revoked, its row stays';

COMMENT ON COLUMN credits.service_keys.name IS 'Who calls with it, for caps and logs; several keys may have one name, as while one takes the place of another';

COMMENT ON COLUMN credits.service_keys.number IS 'Which key of that name: 1, 2, 3 and so on; 0 for those of the environment, which has a row only if they are revoked';

COMMENT ON COLUMN credits.service_keys.key_hash IS 'SHA-256 of the key. A plain hash is right: a key is drawn at random, so long that nobody finds it by trying. Null for the environment''s, which nobody has drawn';

COMMENT ON COLUMN credits.service_keys.reason IS 'What it was made for';

COMMENT ON COLUMN credits.service_keys.called_by IS 'The login that made it; who did so at the support desk is in credits.admin_actions';

COMMENT ON COLUMN credits.service_keys.used_on IS 'The UTC day of its last use, as told by the processes of the API';

COMMENT ON COLUMN credits.service_keys.revoked_by IS 'The login that revoked it';

CREATE TABLE credits.settings (
    only_row boolean DEFAULT true NOT NULL,
    limits_time_zone text DEFAULT 'UTC'::text NOT NULL,
    events text[] DEFAULT '{}'::text[] NOT NULL,
    balance_events boolean GENERATED ALWAYS AS (('balance.changed'::text = ANY (events))) STORED NOT NULL,
    spread boolean DEFAULT false NOT NULL,
    CONSTRAINT settings_have_one_row CHECK (only_row)
);

COMMENT ON TABLE credits.settings IS 'What is the same for the whole database; written by the deployment';

COMMENT ON COLUMN credits.settings.limits_time_zone IS 'The zone in which days and months of spending limits are cut';

COMMENT ON COLUMN credits.settings.events IS 'The types of events that some consumer wants; others are not written';

COMMENT ON COLUMN credits.settings.balance_events IS 'Whether any consumer wants the event balance.changed';

COMMENT ON COLUMN credits.settings.spread IS 'Whether accounts lie on several machines';

CREATE TABLE credits.spending_limits (
    account_id text NOT NULL,
    kind credits.account_kind NOT NULL,
    app_id text DEFAULT ''::text NOT NULL,
    daily_limit numeric(15,6),
    weekly_limit numeric(15,6),
    monthly_limit numeric(15,6),
    running_day date,
    time_zone text,
    spent_that_day numeric DEFAULT 0 NOT NULL,
    spent_that_week numeric DEFAULT 0 NOT NULL,
    spent_that_month numeric DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT spending_limits_in_range CHECK ((((daily_limit >= (0)::numeric) AND (daily_limit <= 999999999.999999)) AND ((weekly_limit >= (0)::numeric) AND (weekly_limit <= 999999999.999999)) AND ((monthly_limit >= (0)::numeric) AND (monthly_limit <= 999999999.999999)))),
    CONSTRAINT spending_limits_of_pools_are_for_all_apps CHECK (((kind = 'person'::credits.account_kind) OR (app_id = ''::text)))
)
WITH (fillfactor='70');

COMMENT ON TABLE credits.spending_limits IS 'How much a person may use of their own credits in a day, a week and a month, and, of a pool, each member without a limit of their own; null means no limit, 0 blocks';

COMMENT ON COLUMN credits.spending_limits.app_id IS 'The app that the limits are for; empty for all together';

COMMENT ON COLUMN credits.spending_limits.running_day IS 'Of a person: the latest local day on which they used or held anything that counts; the figures are of its day, ISO week and month. Null until then: what was spent before is added up when it is first needed. Changed under the account''s lock';

COMMENT ON COLUMN credits.spending_limits.time_zone IS 'The zone of what was added up then; entries since say their day themselves';

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

CREATE TABLE credits.tombstones (
    account_hash bytea NOT NULL,
    mark_hash bytea NOT NULL,
    CONSTRAINT tombstones_are_sha256 CHECK (((octet_length(account_hash) = 32) AND (octet_length(mark_hash) = 32)))
);

COMMENT ON TABLE credits.tombstones IS 'What an erasure took away of an account and a late repetition would bring back: hashes alone, which tell nothing to whoever does not come with the same id and key';

COMMENT ON COLUMN credits.tombstones.account_hash IS 'Of the person''s id, or of the pool''s; keyed with credits.address_key';

COMMENT ON COLUMN credits.tombstones.mark_hash IS 'Of the account and an idempotency key, a grant''s reference, a redeemed gift''s id or a blocked member''s; keyed too';

CREATE TABLE credits.usage_folds (
    user_id text NOT NULL,
    app_id text NOT NULL,
    date date NOT NULL,
    credits_used numeric(24,6) NOT NULL,
    transactions_count bigint NOT NULL
)
WITH (fillfactor='70');

COMMENT ON TABLE credits.usage_folds IS 'Personal usage by user, app and UTC day, up to the entry that usage_marks names. Read it through the view usage_stats, which adds the entries since';

CREATE TABLE credits.usage_marks (
    user_id text NOT NULL,
    sequence bigint NOT NULL
);

COMMENT ON TABLE credits.usage_marks IS 'Up to which entry an account''s usage is folded into usage_folds';

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
    brought boolean DEFAULT false NOT NULL,
    CONSTRAINT gift_redemptions_success_pays CHECK ((((status = 'success'::gifts.redemption_status) = (credits_received > (0)::numeric)) AND ((status = 'success'::gifts.redemption_status) = (portion_number IS NOT NULL)) AND (((status = 'success'::gifts.redemption_status) AND (NOT brought)) = (credit_transaction_id IS NOT NULL)) AND ((status = 'success'::gifts.redemption_status) OR (NOT brought))))
);

COMMENT ON TABLE gifts.gift_redemptions IS 'Every attempt to redeem a gift, failed ones included: append-only';

COMMENT ON COLUMN gifts.gift_redemptions.credit_transaction_id IS 'The redeemer''s entry that credited it';

COMMENT ON COLUMN gifts.gift_redemptions.brought IS 'A success at the predecessor: who claims again is refused, and no entry here credited it';

ALTER TABLE ONLY credits.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account_id, kind);

ALTER TABLE ONLY credits.address_key
    ADD CONSTRAINT address_key_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY credits.admin_actions
    ADD CONSTRAINT admin_actions_pkey PRIMARY KEY (account_id, sequence);

ALTER TABLE ONLY credits.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (subject, kind);

ALTER TABLE ONLY credits.deployed
    ADD CONSTRAINT deployed_pkey PRIMARY KEY (kind, object);

ALTER TABLE ONLY credits.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (account_id, kind, sequence);

ALTER TABLE ONLY credits.erasure_requests
    ADD CONSTRAINT erasure_requests_pkey PRIMARY KEY (user_hash);

ALTER TABLE ONLY credits.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (place, account_id);

ALTER TABLE ONLY credits.event_consumers
    ADD CONSTRAINT event_consumers_pkey PRIMARY KEY (consumer);

ALTER TABLE ONLY credits.event_log
    ADD CONSTRAINT event_log_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY credits.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY credits.figures
    ADD CONSTRAINT figures_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY credits.guild_spending_limits
    ADD CONSTRAINT guild_spending_limits_pkey PRIMARY KEY (organization_id, user_id);

ALTER TABLE ONLY credits.job_claims
    ADD CONSTRAINT job_claims_pkey PRIMARY KEY (name);

ALTER TABLE ONLY credits.known_addresses
    ADD CONSTRAINT known_addresses_pkey PRIMARY KEY (user_id, address_hash);

ALTER TABLE ONLY credits.lot_movements
    ADD CONSTRAINT lot_movements_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY credits.lots
    ADD CONSTRAINT lots_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY credits.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (user_id, organization_id);

ALTER TABLE ONLY credits.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (account_id, kind, number);

ALTER TABLE ONLY credits.packages
    ADD CONSTRAINT packages_pkey PRIMARY KEY (id);

ALTER TABLE credits.prices
    ADD CONSTRAINT prices_are_counted_in_units CHECK (((unit <> ''::text) AND (char_length(unit) <= 50) AND (unit !~ '[\u0001-\u001f\u007f-\u009f]'::text))) NOT VALID;

ALTER TABLE ONLY credits.prices
    ADD CONSTRAINT prices_pkey PRIMARY KEY (operation, valid_from);

ALTER TABLE ONLY credits.purchase_disputes
    ADD CONSTRAINT purchase_disputes_pkey PRIMARY KEY (user_id, purchase_id, stripe_dispute_id);

ALTER TABLE ONLY credits.purchases
    ADD CONSTRAINT purchases_pkey PRIMARY KEY (user_id, id);

ALTER TABLE ONLY credits.reconciled_accounts
    ADD CONSTRAINT reconciled_accounts_pkey PRIMARY KEY (account_id, kind);

ALTER TABLE ONLY credits.reconciliations
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY credits.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (account_id, kind, id);

ALTER TABLE ONLY credits.rule_history
    ADD CONSTRAINT rule_history_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY credits.seals
    ADD CONSTRAINT seals_pkey PRIMARY KEY (account_id, kind, sequence);

ALTER TABLE ONLY credits.service_cap_usage
    ADD CONSTRAINT service_cap_usage_pkey PRIMARY KEY (caller, day);

ALTER TABLE ONLY credits.service_caps
    ADD CONSTRAINT service_caps_pkey PRIMARY KEY (caller);

ALTER TABLE ONLY credits.service_keys
    ADD CONSTRAINT service_keys_hold_each_key_once UNIQUE (key_hash);

ALTER TABLE ONLY credits.service_keys
    ADD CONSTRAINT service_keys_pkey PRIMARY KEY (name, number);

ALTER TABLE ONLY credits.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY credits.spending_limits
    ADD CONSTRAINT spending_limits_pkey PRIMARY KEY (account_id, kind, app_id);

ALTER TABLE ONLY credits.stripe_customer_deletions
    ADD CONSTRAINT stripe_customer_deletions_pkey PRIMARY KEY (stripe_customer_id);

ALTER TABLE ONLY credits.stripe_customers
    ADD CONSTRAINT stripe_customers_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY credits.tombstones
    ADD CONSTRAINT tombstones_pkey PRIMARY KEY (account_hash, mark_hash);

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

CREATE INDEX admin_actions_by_admin ON credits.admin_actions USING btree (admin_id, id);

CREATE INDEX admin_actions_by_id ON credits.admin_actions USING btree (id);

CREATE UNIQUE INDEX admin_actions_idempotency_key ON credits.admin_actions USING btree (account_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX entries_by_cause ON credits.entries USING btree (account_id, kind, reference_id) WHERE ((type = ANY (ARRAY['refund'::credits.entry_type, 'usage'::credits.entry_type])) AND (reference_id IS NOT NULL));

CREATE UNIQUE INDEX entries_idempotency_key ON credits.entries USING btree (account_id, kind, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX entries_in_stretches ON credits.entries USING brin (id, idempotency_key text_bloom_ops, request_id text_bloom_ops) WITH (pages_per_range='32', autosummarize='on');

CREATE INDEX entries_of_member ON credits.entries USING btree (account_id, kind, other_id, sequence) WHERE (kind = 'pool'::credits.account_kind);

CREATE UNIQUE INDEX entries_once_per_source ON credits.entries USING btree (account_id, kind, type, reference_id) WHERE (type = ANY (ARRAY['purchase'::credits.entry_type, 'grant'::credits.entry_type]));

CREATE INDEX erasure_requests_open ON credits.erasure_requests USING btree (due_at) WHERE (finished_at IS NULL);

CREATE INDEX events_of_user ON credits.events USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX guild_spending_limits_by_user ON credits.guild_spending_limits USING btree (user_id);

CREATE INDEX lot_movements_by_cause ON credits.lot_movements USING btree (account_id, cause_id);

CREATE INDEX lots_open ON credits.lots USING btree (account_id, expires_at, id) WHERE (remaining > (0)::numeric);

CREATE INDEX lots_to_expire ON credits.lots USING btree (expires_at) WHERE (remaining > (0)::numeric);

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

CREATE INDEX reservations_held ON credits.reservations USING btree (account_id, kind, expires_at) WHERE (status = 'held'::credits.reservation_status);

CREATE INDEX reservations_of_member ON credits.reservations USING btree (account_id, kind, user_id) WHERE ((kind = 'pool'::credits.account_kind) AND (status = 'held'::credits.reservation_status));

CREATE INDEX reservations_to_expire ON credits.reservations USING btree (expires_at) WHERE (status = 'held'::credits.reservation_status);

CREATE INDEX rule_history_of_subject ON credits.rule_history USING btree (subject_id);

CREATE INDEX gift_codes_by_address ON gifts.gift_codes USING btree (lower((target_email COLLATE "C")), id) WHERE ((status = 'active'::gifts.gift_status) AND (target_email IS NOT NULL));

CREATE INDEX gift_codes_by_creator ON gifts.gift_codes USING btree (creator_id, id);

CREATE INDEX gift_codes_by_id ON gifts.gift_codes USING btree (id);

CREATE INDEX gift_codes_by_matrix_id ON gifts.gift_codes USING btree (target_matrix_id) WHERE (target_matrix_id IS NOT NULL);

CREATE INDEX gift_codes_by_target_hash ON gifts.gift_codes USING btree (target_hash, id) WHERE (target_hash IS NOT NULL);

CREATE INDEX gift_codes_to_expire ON gifts.gift_codes USING btree (expires_at) WHERE (status = 'active'::gifts.gift_status);

CREATE INDEX gift_redemptions_by_user ON gifts.gift_redemptions USING btree (redeemer_user_id);

CREATE UNIQUE INDEX gift_redemptions_each_portion_once ON gifts.gift_redemptions USING btree (code, portion_number) WHERE (status = 'success'::gifts.redemption_status);

CREATE INDEX gift_redemptions_failed_by_user ON gifts.gift_redemptions USING btree (code, redeemer_user_id, id) WHERE (status <> 'success'::gifts.redemption_status);

CREATE UNIQUE INDEX gift_redemptions_one_a_person ON gifts.gift_redemptions USING btree (code, redeemer_user_id) WHERE (status = 'success'::gifts.redemption_status);

CREATE INDEX gift_redemptions_received ON gifts.gift_redemptions USING btree (redeemer_user_id, id) WHERE (status = 'success'::gifts.redemption_status);

CREATE INDEX gift_redemptions_wrong_answers ON gifts.gift_redemptions USING btree (code, id) WHERE (status = 'failed_wrong_answer'::gifts.redemption_status);

CREATE TRIGGER check_erasure BEFORE DELETE OR UPDATE ON credits.erasures FOR EACH ROW EXECUTE FUNCTION credits._check_erasure();

ALTER TABLE credits.erasures ENABLE ALWAYS TRIGGER check_erasure;

CREATE TRIGGER check_purchase AFTER INSERT OR UPDATE ON credits.purchases FOR EACH ROW WHEN ((new.status = 'completed'::credits.purchase_status)) EXECUTE FUNCTION credits._check_purchase();

ALTER TABLE credits.purchases ENABLE ALWAYS TRIGGER check_purchase;

CREATE CONSTRAINT TRIGGER end_erasure AFTER INSERT ON credits.erasures DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._check_erasure();

ALTER TABLE credits.erasures ENABLE ALWAYS TRIGGER end_erasure;

CREATE TRIGGER note_rule AFTER INSERT OR DELETE OR UPDATE ON credits.guild_spending_limits FOR EACH ROW EXECUTE FUNCTION credits._note_rule('guild_spending_limits');

CREATE TRIGGER note_rule AFTER INSERT OR DELETE OR UPDATE ON credits.packages FOR EACH ROW EXECUTE FUNCTION credits._note_rule('packages');

CREATE TRIGGER note_rule AFTER INSERT OR DELETE OR UPDATE ON credits.service_caps FOR EACH ROW EXECUTE FUNCTION credits._note_rule('service_caps');

CREATE TRIGGER note_rule AFTER UPDATE ON credits.settings FOR EACH ROW EXECUTE FUNCTION credits._note_rule('settings');

CREATE TRIGGER note_rule AFTER INSERT OR DELETE OR UPDATE OF daily_limit, weekly_limit, monthly_limit ON credits.spending_limits FOR EACH ROW EXECUTE FUNCTION credits._note_rule('spending_limits');

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON credits.accounts FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.accounts ENABLE ALWAYS TRIGGER protect_from_removal;

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON credits.admin_actions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.admin_actions ENABLE ALWAYS TRIGGER protect_from_removal;

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON credits.lot_movements FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.lot_movements ENABLE ALWAYS TRIGGER protect_from_removal;

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON credits.lots FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.lots ENABLE ALWAYS TRIGGER protect_from_removal;

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON credits.purchases FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.purchases ENABLE ALWAYS TRIGGER protect_from_removal;

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON credits.reservations FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.reservations ENABLE ALWAYS TRIGGER protect_from_removal;

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON credits.rule_history FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.rule_history ENABLE ALWAYS TRIGGER protect_from_removal;

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON credits.seals FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.seals ENABLE ALWAYS TRIGGER protect_from_removal;

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.entries FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.entries ENABLE ALWAYS TRIGGER protect_from_truncate;

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.erasures FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.erasures ENABLE ALWAYS TRIGGER protect_from_truncate;

CREATE TRIGGER protect_from_truncate BEFORE TRUNCATE ON credits.settings FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_settings();

ALTER TABLE credits.settings ENABLE ALWAYS TRIGGER protect_from_truncate;

CREATE TRIGGER protect_ledger BEFORE UPDATE OF account_id, kind ON credits.accounts FOR EACH ROW WHEN (((old.kind <> new.kind) OR (((old.account_id)::text <> (new.account_id)::text) AND (NOT credits._is_erasure((old.account_id)::text, (old.account_id)::text, (new.account_id)::text))))) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.accounts ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE OR TRUNCATE ON credits.address_key FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.address_key ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE UPDATE ON credits.admin_actions FOR EACH ROW WHEN ((NOT (((to_jsonb(new.*) = (to_jsonb(old.*) || jsonb_build_object('admin_id', new.admin_id))) AND credits._is_erasure(old.account_id, (old.admin_id)::text, (new.admin_id)::text)) OR ((to_jsonb(new.*) = (to_jsonb(old.*) || jsonb_build_object('account_id', new.account_id, 'reason', '', 'idempotency_key', NULL::unknown, 'request_id', NULL::unknown))) AND credits._is_erasure(old.account_id, old.account_id, new.account_id))))) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.admin_actions ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE ON credits.entries FOR EACH ROW EXECUTE FUNCTION credits._protect_entries();

ALTER TABLE credits.entries ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE UPDATE ON credits.lot_movements FOR EACH ROW WHEN ((((to_jsonb(old.*) - 'account_id'::text) <> (to_jsonb(new.*) - 'account_id'::text)) OR (NOT credits._is_erasure((old.account_id)::text, (old.account_id)::text, (new.account_id)::text)))) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.lot_movements ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE UPDATE ON credits.lots FOR EACH ROW WHEN ((((((old.id IS DISTINCT FROM new.id) OR (old.granted IS DISTINCT FROM new.granted)) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.created_at IS DISTINCT FROM new.created_at)) OR (((old.account_id)::text <> (new.account_id)::text) AND (NOT credits._is_erasure((old.account_id)::text, (old.account_id)::text, (new.account_id)::text))))) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.lots ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE DELETE OR UPDATE OR TRUNCATE ON credits.prices FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.prices ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE UPDATE ON credits.purchases FOR EACH ROW WHEN ((((((((old.id IS DISTINCT FROM new.id) OR (old.package_id IS DISTINCT FROM new.package_id)) OR (old.credits IS DISTINCT FROM new.credits)) OR (old.price_euro_cents IS DISTINCT FROM new.price_euro_cents)) OR (old.currency IS DISTINCT FROM new.currency)) OR (old.created_at IS DISTINCT FROM new.created_at)) OR ((old.status = 'completed'::credits.purchase_status) AND (((old.status IS DISTINCT FROM new.status) OR (old.transaction_id IS DISTINCT FROM new.transaction_id)) OR (old.completed_at IS DISTINCT FROM new.completed_at))) OR (((old.stripe_payment_intent_id <> new.stripe_payment_intent_id) IS NOT FALSE) AND (old.stripe_payment_intent_id IS NOT NULL)) OR (((old.user_id)::text <> (new.user_id)::text) AND (NOT credits._is_erasure((old.user_id)::text, (old.user_id)::text, (new.user_id)::text))))) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.purchases ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE UPDATE ON credits.reservations FOR EACH ROW WHEN (((((((((old.kind IS DISTINCT FROM new.kind) OR (old.id IS DISTINCT FROM new.id)) OR ((old.amount + old.captured) IS DISTINCT FROM (new.amount + new.captured))) OR (old.app_id IS DISTINCT FROM new.app_id)) OR (old.called_by IS DISTINCT FROM new.called_by)) OR (old.created_at IS DISTINCT FROM new.created_at)) OR (old.sequence IS DISTINCT FROM new.sequence)) OR (new.captured < old.captured) OR (((old.account_id)::text <> (new.account_id)::text) AND (NOT credits._is_erasure((old.account_id)::text, (old.account_id)::text, (new.account_id)::text))) OR (((old.user_id)::text <> (new.user_id)::text) AND (NOT credits._is_erasure((old.account_id)::text, (old.user_id)::text, (new.user_id)::text))) OR ((new.reason <> ''::text) AND (new.reason <> old.reason)) OR ((old.spending_day <> new.spending_day) AND (NOT ((old.status = 'expired'::credits.reservation_status) AND (new.status = 'held'::credits.reservation_status)))) OR ((old.status = ANY (ARRAY['released'::credits.reservation_status, 'committed'::credits.reservation_status])) AND ((((((((old.status IS DISTINCT FROM new.status) OR (old.captured IS DISTINCT FROM new.captured)) OR (old.committed_amount IS DISTINCT FROM new.committed_amount)) OR (old.committed_late IS DISTINCT FROM new.committed_late)) OR (old.uncollected IS DISTINCT FROM new.uncollected)) OR (old.transaction_id IS DISTINCT FROM new.transaction_id)) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.ended_at IS DISTINCT FROM new.ended_at))))) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.reservations ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE UPDATE ON credits.rule_history FOR EACH ROW WHEN ((NOT
        CASE old.table_name
            WHEN 'guild_spending_limits'::text THEN (((to_jsonb(old.*) - 'subject_id'::text) = (to_jsonb(new.*) - 'subject_id'::text)) AND credits._is_erasure(old.account_id, old.subject_id, new.subject_id))
            WHEN 'spending_limits'::text THEN (((to_jsonb(old.*) - 'account_id'::text) = (to_jsonb(new.*) - 'account_id'::text)) AND credits._is_erasure(old.account_id, old.account_id, new.account_id))
            ELSE false
        END)) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.rule_history ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_ledger BEFORE UPDATE ON credits.seals FOR EACH ROW WHEN ((((to_jsonb(old.*) - 'account_id'::text) <> (to_jsonb(new.*) - 'account_id'::text)) OR (old.kind <> 'person'::credits.account_kind) OR (NOT credits._is_erasure(old.account_id, old.account_id, new.account_id)))) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE credits.seals ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_settings BEFORE DELETE OR UPDATE ON credits.settings FOR EACH ROW EXECUTE FUNCTION credits._protect_settings();

ALTER TABLE credits.settings ENABLE ALWAYS TRIGGER protect_settings;

CREATE CONSTRAINT TRIGGER refuse_late_commit AFTER INSERT ON credits.prices DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits._refuse_late_price();

ALTER TABLE credits.prices ENABLE ALWAYS TRIGGER refuse_late_commit;

CREATE TRIGGER refuse_other_writers BEFORE INSERT ON credits.entries FOR EACH STATEMENT EXECUTE FUNCTION credits._refuse_other_writers();

CREATE TRIGGER refuse_past BEFORE INSERT ON credits.prices FOR EACH ROW EXECUTE FUNCTION credits._refuse_past_price();

ALTER TABLE credits.prices ENABLE ALWAYS TRIGGER refuse_past;

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON gifts.gift_codes FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

CREATE TRIGGER protect_from_removal BEFORE DELETE OR TRUNCATE ON gifts.gift_redemptions FOR EACH STATEMENT EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE gifts.gift_redemptions ENABLE ALWAYS TRIGGER protect_from_removal;

CREATE TRIGGER protect_ledger BEFORE UPDATE ON gifts.gift_redemptions FOR EACH ROW WHEN ((((to_jsonb(old.*) - 'redeemer_user_id'::text) <> (to_jsonb(new.*) - 'redeemer_user_id'::text)) OR (NOT credits._is_erasure(old.code, (old.redeemer_user_id)::text, (new.redeemer_user_id)::text)))) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE gifts.gift_redemptions ENABLE ALWAYS TRIGGER protect_ledger;

CREATE TRIGGER protect_terms BEFORE UPDATE ON gifts.gift_codes FOR EACH ROW WHEN (((((((((old.code IS DISTINCT FROM new.code) OR (old.id IS DISTINCT FROM new.id)) OR (old.total_credits IS DISTINCT FROM new.total_credits)) OR (old.credits_per_portion IS DISTINCT FROM new.credits_per_portion)) OR (old.total_portions IS DISTINCT FROM new.total_portions)) OR (old.claimed_before IS DISTINCT FROM new.claimed_before)) OR (old.reservation_transaction_id IS DISTINCT FROM new.reservation_transaction_id)) OR ((old.status <> 'active'::gifts.gift_status) AND (old.status <> new.status)) OR ((old.status <> 'active'::gifts.gift_status) AND (old.refund_transaction_id IS DISTINCT FROM new.refund_transaction_id)) OR ((new.claimed_portions <> old.claimed_portions) AND (new.claimed_portions <> (old.claimed_portions + 1))) OR (((old.creator_id)::text <> (new.creator_id)::text) AND (NOT credits._is_erasure(old.code, (old.creator_id)::text, (new.creator_id)::text))))) EXECUTE FUNCTION credits._protect_ledger();

ALTER TABLE ONLY credits.webhook_secrets
    ADD CONSTRAINT webhook_secrets_consumer_fkey FOREIGN KEY (consumer) REFERENCES credits.webhooks(consumer) ON DELETE CASCADE;

ALTER TABLE ONLY credits.webhooks
    ADD CONSTRAINT webhooks_consumer_fkey FOREIGN KEY (consumer) REFERENCES credits.event_consumers(consumer) ON DELETE CASCADE;

ALTER TABLE ONLY gifts.gift_redemptions
    ADD CONSTRAINT gift_redemptions_gift_fkey FOREIGN KEY (code) REFERENCES gifts.gift_codes(code);
