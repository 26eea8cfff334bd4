-- What teams share: one pool a guild, its ledger, its members' limits and what they spent by day.

set local role credits_owner;

create table if not exists credits.settings (
    only_row boolean not null default true,
    limits_time_zone text not null default 'UTC',
    constraint settings_pkey primary key (only_row),
    constraint settings_have_one_row check (only_row)
);
comment on table credits.settings is 'What is the same for the whole database; written by the deployment';
comment on column credits.settings.limits_time_zone is 'The zone in which days and months of spending limits are cut';
insert into credits.settings default values on conflict do nothing;

create table if not exists credits.guild_pools (
    organization_id credits.account_id not null,
    balance numeric(18, 6) not null default 0,
    total_funded numeric(24, 6) not null default 0,
    total_spent numeric(24, 6) not null default 0,
    reserved numeric(18, 6) not null default 0,
    reservations_count bigint not null default 0,
    low_balance_at numeric(18, 6),
    version bigint not null default 0,
    last_transaction_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint guild_pools_pkey primary key (organization_id),
    constraint guild_pools_add_up check (
        balance = total_funded - total_spent - reserved and balance >= 0 and reserved >= 0
    )
) with (fillfactor = 70);
comment on table credits.guild_pools is
    'What each guild shares. It follows the ledger and the reservations; a direct change of an amount is refused';
comment on column credits.guild_pools.reservations_count is 'How many reservations the pool ever had; where it is 0, their keys need not be searched';
comment on column credits.guild_pools.low_balance_at is
    'The event balance.low is written when what the pool owns falls from above this to it or below; null is never';
comment on column credits.guild_pools.version is 'How many ledger rows the pool has';

do $$
begin
    create type credits.guild_transaction_type as enum ('funding', 'usage', 'refund');
exception when duplicate_object then null;
end
$$;
comment on type credits.guild_transaction_type is 'Why a pool changed';

create table if not exists credits.guild_transactions (
    organization_id text not null,
    id uuid not null,
    sequence bigint not null,
    user_id text not null,
    type credits.guild_transaction_type not null,
    amount numeric(18, 6) not null,
    balance_before numeric(18, 6) not null,
    balance_after numeric(18, 6) not null,
    reserved_after numeric(18, 6) not null,
    total_spent_after numeric(24, 6) not null,
    reversal boolean not null default false,
    spending_day date,
    app_id varchar(128),
    description varchar(1000) not null default '',
    metadata jsonb not null default '{}',
    idempotency_key varchar(255),
    reference_id text,
    called_by text not null default session_user,
    request_id text default left(nullif(current_setting('credits.request_id', true), ''), 128),
    created_at timestamptz not null,
    constraint guild_transactions_pkey primary key (organization_id, id)
);
comment on table credits.guild_transactions is
    'The ledger of guild pools: append-only, one row for each change, each pool''s rows one unbroken chain in the order of their ids';
comment on column credits.guild_transactions.sequence is
    'The row''s number in its pool, without gaps from 1 on: the pool''s version right after it';
comment on column credits.guild_transactions.request_id is
    'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL has set as credits.request_id; emptied by an erasure';
comment on column credits.guild_transactions.user_id is 'The member who funded or used';
comment on column credits.guild_transactions.spending_day is 'The local day whose limit the row counts against (or gives back to)';
comment on column credits.guild_transactions.reference_id is 'What caused the row: the funder''s ledger row, a refunded usage or a reservation';

create unique index if not exists guild_transactions_idempotency_key
    on credits.guild_transactions (organization_id, idempotency_key) where idempotency_key is not null;
create index if not exists guild_transactions_refunds
    on credits.guild_transactions (organization_id, reference_id) where type = 'refund';
-- Serves one member's history in one guild, and finds a usage of which only the member is known.
create index if not exists guild_transactions_of_member on credits.guild_transactions (user_id, organization_id, id);

create table if not exists credits.guild_spending_limits (
    organization_id credits.account_id not null,
    user_id credits.account_id not null,
    daily_limit numeric(15, 6),
    monthly_limit numeric(15, 6),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint guild_spending_limits_pkey primary key (organization_id, user_id),
    constraint guild_spending_limits_in_range check (
        daily_limit between 0 and 999999999.999999 and monthly_limit between 0 and 999999999.999999
    )
);
create index if not exists guild_spending_limits_by_user on credits.guild_spending_limits (user_id);
comment on table credits.guild_spending_limits is 'How much a member may use of a pool in a day and a month; null means no limit, 0 blocks';

create table if not exists credits.guild_member_spending (
    organization_id text not null,
    user_id text not null,
    day date not null,
    spent numeric(18, 6) not null,
    reserved numeric(18, 6) not null default 0,
    constraint guild_member_spending_pkey primary key (organization_id, user_id, day),
    constraint guild_member_spending_never_negative check (spent >= 0),
    constraint guild_member_spending_reserved_never_negative check (reserved >= 0)
) with (fillfactor = 70);
create index if not exists guild_member_spending_by_user on credits.guild_member_spending (user_id);
comment on table credits.guild_member_spending is
    'What a member used of a pool by local day, folded from the pool''s ledger, so that a limit is checked without summing history';
comment on column credits.guild_member_spending.reserved is 'Held by the member''s open reservations; counts against the limits like what is spent';

do $$
begin
    create type credits.guild_movement as (
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
        created_at timestamptz,
        balance numeric,
        total_funded numeric,
        total_spent numeric,
        reserved numeric,
        replayed boolean
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.guild_movement is
    'What a call that moves guild credits answers: its ledger row, the pool right after it, and whether this call repeats an earlier one';

do $$
begin
    create type credits.guild_use_outcome as (
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
        created_at timestamptz,
        balance numeric,
        total_funded numeric,
        total_spent numeric,
        reserved numeric,
        replayed boolean
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.guild_use_outcome is
    'What became of one item of a batch of debits of guild pools: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';
