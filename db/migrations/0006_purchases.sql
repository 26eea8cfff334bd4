-- What is sold through Stripe, and to whom.

set local role credits_owner;

create table if not exists credits.packages (
    id uuid not null,
    name text not null,
    description text not null default '',
    credits numeric(15, 6) not null,
    price_euro_cents integer not null,
    stripe_price_id text,
    active boolean not null default true,
    sort_order integer not null default 0,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint packages_pkey primary key (id),
    constraint packages_are_worth_something check (credits > 0 and credits <= 999999999.999999 and price_euro_cents > 0),
    constraint packages_metadata_is_object check (jsonb_typeof(metadata) = 'object')
);
comment on table credits.packages is 'What can be bought; a DBA adds one with a plain insert, the id comes by itself. A small reference table, the same for every account';

do $$
begin
    create type credits.purchase_status as enum ('pending', 'processing', 'completed', 'failed', 'cancelled');
exception when duplicate_object then null;
end
$$;
comment on type credits.purchase_status is 'How far a payment has come; a completed purchase stays completed';

create table if not exists credits.stripe_customers (
    user_id credits.account_id not null,
    stripe_customer_id text not null,
    email text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint stripe_customers_pkey primary key (user_id)
);
comment on table credits.stripe_customers is 'The one Stripe customer of each user';

create table if not exists credits.purchases (
    user_id credits.account_id not null,
    id uuid not null,
    package_id uuid not null,
    package_name text not null,
    credits numeric(15, 6) not null,
    price_euro_cents integer not null,
    currency text not null default 'eur',
    status credits.purchase_status not null default 'pending',
    failure_reason text,
    stripe_payment_intent_id text,
    stripe_checkout_session_id text,
    stripe_customer_id text,
    transaction_id uuid,
    refunded_cents integer not null default 0,
    clawed_back_credits numeric(15, 6) not null default 0,
    reversals_version integer not null default 0,
    idempotency_key text,
    request_digest bytea,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    completed_at timestamptz,
    constraint purchases_pkey primary key (user_id, id),
    constraint purchases_are_worth_something check (credits > 0 and price_euro_cents > 0),
    constraint purchases_credited_when_completed check (
        (status = 'completed') = (transaction_id is not null) and (status = 'completed') = (completed_at is not null)
    ),
    constraint purchases_take_back_what_was_bought check (
        refunded_cents between 0 and price_euro_cents
        and clawed_back_credits between 0 and credits
        and (status = 'completed' or clawed_back_credits = 0)
    )
);
comment on table credits.purchases is 'Every purchase that was begun, at the price and size the package had then';
comment on column credits.purchases.transaction_id is 'The entry that credited it; there is at most one by entries_once_per_source';
comment on column credits.purchases.refunded_cents is 'How much of the payment Stripe has refunded, cumulative';
comment on column credits.purchases.clawed_back_credits is 'How many of the credits are taken back at present for refunds and disputes';
comment on column credits.purchases.reversals_version is
    'How often refunds and disputes were noted: what was asked of Stripe before the last of them is asked again';
comment on column credits.purchases.idempotency_key is 'The key with which it was begun; emptied by an erasure';
comment on column credits.purchases.request_digest is
    'SHA-256 of what was asked for with the key, so that a key with other parameters is refused; emptied by an erasure';

create unique index if not exists purchases_idempotency_key
    on credits.purchases (user_id, idempotency_key) where idempotency_key is not null;
create index if not exists purchases_payment_intent
    on credits.purchases (stripe_payment_intent_id) where stripe_payment_intent_id is not null;
create index if not exists purchases_checkout_session
    on credits.purchases (stripe_checkout_session_id) where stripe_checkout_session_id is not null;
-- Those of erased persons are found by their id alone.
create index if not exists purchases_of_the_erased on credits.purchases (id) where user_id like 'erased:%';
create index if not exists purchases_refunded on credits.purchases (updated_at) where refunded_cents > 0;
-- What a lost webhook has left open.
create index if not exists purchases_unsettled
    on credits.purchases (created_at)
    where status = 'processing'
        or (status = 'pending' and stripe_payment_intent_id is null and stripe_checkout_session_id is null);

create index if not exists purchases_completed on credits.purchases (completed_at) where completed_at is not null;

do $$
begin
    create type credits.dispute_status as enum ('open', 'won', 'lost');
exception when duplicate_object then null;
end
$$;
comment on type credits.dispute_status is 'Who has got the money of a disputed payment: open and lost take the credits, won gives them back';

create table if not exists credits.purchase_disputes (
    user_id credits.account_id not null,
    purchase_id uuid not null,
    stripe_dispute_id text not null,
    amount_cents integer not null,
    status credits.dispute_status not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint purchase_disputes_pkey primary key (user_id, purchase_id, stripe_dispute_id),
    constraint purchase_disputes_are_about_something check (amount_cents >= 0)
);
comment on table credits.purchase_disputes is 'The disputes about each purchase, as Stripe last reported them';
create index if not exists purchase_disputes_open on credits.purchase_disputes (created_at) where status = 'open';
create index if not exists purchase_disputes_lost on credits.purchase_disputes (updated_at) where status = 'lost';

create table if not exists credits.stripe_customer_deletions (
    stripe_customer_id text not null,
    created_at timestamptz not null default now(),
    constraint stripe_customer_deletions_pkey primary key (stripe_customer_id)
);
comment on table credits.stripe_customer_deletions is
    'Customers of erased persons that are still to be deleted at Stripe; a row goes when Stripe has confirmed it, and nothing here says who it was';
