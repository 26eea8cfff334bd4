-- The limit: a balance and a ledger with the columns, types, indexes and fill factor that a debit needs at least. They
-- hold the same accounts and rows as ours. Nothing watches over them: no CHECK, no trigger, no foreign key.

create type bench.transaction_type as enum (
    'purchase', 'usage', 'refund', 'gift', 'guild_funding', 'grant', 'expiry', 'clawback', 'erasure'
);
create type bench.transaction_status as enum ('completed');

create table bench.balances (
    user_id text primary key,
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
    updated_at timestamptz not null default now()
) with (fillfactor = 70);

create table bench.transactions (
    user_id text not null,
    id uuid not null,
    sequence bigint not null,
    type bench.transaction_type not null,
    status bench.transaction_status not null default 'completed',
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
    primary key (user_id, id)
);

create unique index transactions_idempotency_key
    on bench.transactions (user_id, idempotency_key) where idempotency_key is not null;
create unique index transactions_once_per_source
    on bench.transactions (user_id, type, reference_id) where type in ('purchase', 'grant');
create index transactions_refunds
    on bench.transactions (user_id, reference_id) where type = 'refund' and reference_id is not null;

insert into bench.balances (user_id, balance, total_earned, total_spent, reserved, version, last_transaction_id, created_at, updated_at)
select user_id, balance, total_earned, total_spent, reserved, version, uuidv7(), created_at, updated_at
from credits.balances;

insert into bench.transactions (
    user_id, id, sequence, type, amount, balance_before, balance_after, reserved_after, total_spent_after, reversal, app_id, description, metadata,
    idempotency_key, guild_id, reference_id, created_at, completed_at
)
select
    user_id, id, sequence, type::text::bench.transaction_type, amount, balance_before, balance_after, reserved_after, total_spent_after, reversal,
    app_id, description, metadata, idempotency_key, guild_id, reference_id, created_at, completed_at
from credits.transactions
-- In the order in which ours were written, so that the indexes are filled alike.
order by length(user_id), user_id, id;
