-- Facts at Stripe that turn or shrink; purchases found by the Checkout Session that we noted; a purchase begun once for a key.

set local role credits_owner;

-- Purchases are few next to the ledger: whoever begins one waits for the moment that these take.

alter table credits.purchases add column if not exists reversals_version integer not null default 0;
comment on column credits.purchases.reversals_version is
    'How often refunds and disputes were noted: what was asked of Stripe before the last of them is asked again';
alter table credits.purchases add column if not exists idempotency_key text;
comment on column credits.purchases.idempotency_key is 'The key with which it was begun; emptied by an erasure';
alter table credits.purchases add column if not exists request_digest bytea;
comment on column credits.purchases.request_digest is
    'SHA-256 of what was asked for with the key, so that a key with other parameters is refused; emptied by an erasure';

-- squawk-ignore require-concurrent-index-creation
create unique index if not exists purchases_idempotency_key
    on credits.purchases (user_id, idempotency_key) where idempotency_key is not null;

-- squawk-ignore require-concurrent-index-creation
create index if not exists purchases_checkout_session
    on credits.purchases (stripe_checkout_session_id) where stripe_checkout_session_id is not null;

-- squawk-ignore require-concurrent-index-creation
create index if not exists purchases_refunded on credits.purchases (updated_at) where refunded_cents > 0;

-- squawk-ignore require-concurrent-index-creation
create index if not exists purchase_disputes_lost on credits.purchase_disputes (updated_at) where status = 'lost';
