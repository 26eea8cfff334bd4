-- What a person owns: one balance, one append-only ledger, usage by app and day; by which addresses they were met.

set local role credits_owner;

do $$
begin
    create domain credits.account_id as text
        constraint account_id_is_plain_text check (
            value <> '' and char_length(value) <= 128 and value !~ '[\u0001-\u001f\u007f-\u009f]'
        );
exception when duplicate_object then null;
end
$$;
comment on domain credits.account_id is 'Opaque id of a user, guild or app: 1 to 128 characters, no control characters';

do $$
begin
    create type credits.transaction_type as enum (
        'purchase', 'usage', 'refund', 'gift', 'guild_funding', 'grant', 'expiry', 'clawback', 'erasure'
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.transaction_type is 'Why a personal balance changed';

do $$
begin
    create type credits.transaction_status as enum ('completed');
exception when duplicate_object then null;
end
$$;
comment on type credits.transaction_status is 'A ledger row is written when the credits have moved, so there is one status';

create table if not exists credits.balances (
    user_id credits.account_id not null,
    balance numeric(18, 6) not null default 0,
    total_earned numeric(24, 6) not null default 0,
    total_spent numeric(24, 6) not null default 0,
    reserved numeric(18, 6) not null default 0,
    clawed_back numeric(24, 6) not null default 0,
    reservations_count bigint not null default 0,
    next_expiry timestamptz,
    low_balance_at numeric(18, 6),
    version bigint not null default 0,
    last_transaction_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint balances_pkey primary key (user_id),
    -- One constraint rather than five: PostgreSQL reads each of them anew for every statement, which a debit feels.
    constraint balances_add_up check (
        balance = total_earned - total_spent - reserved and balance >= -clawed_back and reserved >= 0
    )
) with (fillfactor = 70);
comment on table credits.balances is
    'What each user owns. It follows the ledger and the reservations; a direct change of an amount is refused';
comment on column credits.balances.balance is 'Credits that can be spent now: total_earned - total_spent - reserved';
comment on column credits.balances.total_earned is 'All that ever came in';
comment on column credits.balances.total_spent is 'All that went out, less what reversals brought back';
comment on column credits.balances.reserved is 'Held by open reservations; still owned, not spendable';
comment on column credits.balances.clawed_back is 'Taken back because payments were refunded or disputed; the most by which the balance can be below zero';
comment on column credits.balances.reservations_count is 'How many reservations the account ever made; where it is 0, their keys need not be searched';
comment on column credits.balances.next_expiry is 'When the first of the account''s dated credits expires; null where there are none, and nothing needs to be looked up';
comment on column credits.balances.low_balance_at is
    'The event balance.low is written when what the account owns falls from above this to it or below; null is never';
comment on column credits.balances.version is 'How many ledger rows the account has';
comment on column credits.balances.last_transaction_id is 'The newest ledger row, the end of the account''s chain';

-- No CHECK on the ledgers: PostgreSQL reads one anew for every statement, which a debit feels. What holds of a row by construction is looked at by
-- the trigger that applies it.
create table if not exists credits.transactions (
    user_id text not null,
    id uuid not null,
    sequence bigint not null,
    type credits.transaction_type not null,
    status credits.transaction_status not null default 'completed',
    amount numeric(18, 6) not null,
    balance_before numeric(18, 6) not null,
    balance_after numeric(18, 6) not null,
    reserved_after numeric(18, 6) not null,
    total_spent_after numeric(24, 6) not null,
    reversal boolean not null default false,
    app_id varchar(128),
    description varchar(1000) not null default '',
    metadata jsonb not null default '{}',
    idempotency_key varchar(255),
    guild_id text,
    reference_id text,
    called_by text not null default session_user,
    request_id text default left(nullif(current_setting('credits.request_id', true), ''), 128),
    created_at timestamptz not null,
    completed_at timestamptz not null,
    constraint transactions_pkey primary key (user_id, id)
);
comment on table credits.transactions is
    'The ledger of personal balances: append-only, one row for each change, each account''s rows one unbroken chain in the order of their ids';
comment on column credits.transactions.sequence is
    'The row''s number in its account, without gaps from 1 on: the balance''s version right after it';
comment on column credits.transactions.amount is 'Signed: what came in is positive, what went out negative';
comment on column credits.transactions.balance_before is 'What the account owned before: balance + reserved';
comment on column credits.transactions.balance_after is 'What the account owns after: balance + reserved';
comment on column credits.transactions.reserved_after is 'How much of balance_after was held by reservations';
comment on column credits.transactions.total_spent_after is 'total_spent right after this row, so that a retried call can repeat the first answer';
comment on column credits.transactions.reversal is 'Brings back what went out before: lowers total_spent instead of raising total_earned';
comment on column credits.transactions.reference_id is 'What caused the row: a purchase, a gift, a pool''s ledger row, a refunded usage, a reservation or the grantor''s own reference';
comment on column credits.transactions.called_by is 'The login role that called';
comment on column credits.transactions.request_id is
    'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL has set as credits.request_id; emptied by an erasure';

create unique index if not exists transactions_idempotency_key
    on credits.transactions (user_id, idempotency_key) where idempotency_key is not null;
create unique index if not exists transactions_once_per_source
    on credits.transactions (user_id, type, reference_id) where type in ('purchase', 'grant');
create index if not exists transactions_refunds
    on credits.transactions (user_id, reference_id) where type = 'refund' and reference_id is not null;

create table if not exists credits.usage_folds (
    user_id text not null,
    app_id text not null,
    date date not null,
    credits_used numeric(24, 6) not null,
    transactions_count bigint not null,
    constraint usage_folds_pkey primary key (user_id, date, app_id)
) with (fillfactor = 70);
comment on table credits.usage_folds is
    'Personal usage by user, app and UTC day, up to the ledger row that usage_marks names. Read it through the view usage_stats, which adds the rows since';

create table if not exists credits.usage_marks (
    user_id text not null,
    last_id uuid not null,
    constraint usage_marks_pkey primary key (user_id)
);
comment on table credits.usage_marks is 'Up to which ledger row an account''s usage is folded into usage_folds';

do $$
begin
    create type credits.movement as (
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
        created_at timestamptz,
        completed_at timestamptz,
        balance numeric,
        total_earned numeric,
        total_spent numeric,
        reserved numeric,
        replayed boolean
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.movement is
    'What a call that moves personal credits answers: its ledger row, the account right after it, and whether this call repeats an earlier one';

do $$
begin
    create type credits.use_outcome as (
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
        created_at timestamptz,
        completed_at timestamptz,
        balance numeric,
        total_earned numeric,
        total_spent numeric,
        reserved numeric,
        replayed boolean
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.use_outcome is
    'What became of one item of a batch of debits: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';

create table if not exists credits.address_key (
    only_row boolean not null default true,
    key bytea not null,
    constraint address_key_pkey primary key (only_row),
    constraint address_key_has_one_row check (only_row),
    constraint address_key_cannot_be_guessed check (octet_length(key) = 32)
);
comment on table credits.address_key is
    'What addresses are hashed with, made at random once. Apart from the rest, since auditors read every other table and must not read this one';
-- Each id has 122 random bits.
insert into credits.address_key (key)
select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
on conflict do nothing;

create table if not exists credits.known_addresses (
    user_id text not null,
    address_hash bytea not null,
    constraint known_addresses_pkey primary key (user_id, address_hash),
    constraint known_addresses_are_sha256 check (octet_length(address_hash) = 32)
);
comment on table credits.known_addresses is
    'By which addresses each person was met, so that an erasure finds the gifts for them: hashes alone, since nothing else needs the address';
comment on column credits.known_addresses.address_hash is 'Keyed with credits.address_key, of the address with its ASCII letters small';
