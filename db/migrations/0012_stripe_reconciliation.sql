-- What a lost webhook has left open, found quickly; whose turn it is to look; customers to delete at Stripe.

set local role credits_owner;

-- Purchases are few next to the ledger: whoever begins one waits for the moment that these take.

-- squawk-ignore require-concurrent-index-creation
create index if not exists purchases_unsettled
    on credits.purchases (created_at)
    where status = 'processing'
        or (status = 'pending' and stripe_payment_intent_id is null and stripe_checkout_session_id is null);

-- squawk-ignore require-concurrent-index-creation
create index if not exists purchases_completed on credits.purchases (completed_at) where completed_at is not null;

-- squawk-ignore require-concurrent-index-creation
create index if not exists purchase_disputes_open on credits.purchase_disputes (created_at) where status = 'open';

create table if not exists credits.job_claims (
    name text not null,
    claimed_at timestamptz not null,
    constraint job_claims_pkey primary key (name)
);
comment on table credits.job_claims is 'When a process last took a job that one process at a time should do';

create table if not exists credits.stripe_customer_deletions (
    stripe_customer_id text not null,
    created_at timestamptz not null default now(),
    constraint stripe_customer_deletions_pkey primary key (stripe_customer_id)
);
comment on table credits.stripe_customer_deletions is
    'Customers of erased persons that are still to be deleted at Stripe; a row goes when Stripe has confirmed it, and nothing here says who it was';
