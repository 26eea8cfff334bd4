-- Two-phase debits: credits set aside first, used or freed later.

set local role credits_owner;

do $$
begin
    create type credits.reservation_status as enum ('held', 'committed', 'released', 'expired');
exception when duplicate_object then null;
end
$$;
comment on type credits.reservation_status is 'A reservation is held until it is committed, released or past its time; each of these is final';

alter table credits.balances add column if not exists reservations_count bigint not null default 0;
comment on column credits.balances.reservations_count is 'How many reservations the account ever made; where it is 0, their keys need not be searched';
alter table credits.guild_pools add column if not exists reservations_count bigint not null default 0;
comment on column credits.guild_pools.reservations_count is 'How many reservations the pool ever had; where it is 0, their keys need not be searched';
alter table credits.guild_member_spending add column if not exists reserved numeric(18, 6) not null default 0
    constraint guild_member_spending_reserved_never_negative check (reserved >= 0);
comment on column credits.guild_member_spending.reserved is 'Held by the member''s open reservations; counts against the limits like what is spent';

create table if not exists credits.reservations (
    account_id credits.account_id not null,
    id uuid not null,
    user_id credits.account_id not null,
    organization_id credits.account_id,
    amount numeric(15, 6) not null,
    status credits.reservation_status not null default 'held',
    committed_amount numeric(15, 6) not null default 0,
    app_id text not null,
    reason text not null,
    idempotency_key text,
    spending_day date,
    transaction_id uuid,
    balance_after_hold numeric(18, 6) not null,
    balance_after_end numeric(18, 6),
    called_by text not null default session_user,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    constraint reservations_pkey primary key (account_id, id),
    constraint reservations_belong_to_their_account check (account_id = coalesce(organization_id, user_id)),
    constraint reservations_hold_something check (amount > 0 and committed_amount between 0 and amount),
    constraint reservations_last_at_most_7_days check (extract(epoch from expires_at - created_at) between 1 and 604800),
    constraint reservations_commit_something check ((status = 'committed') = (committed_amount > 0)),
    constraint reservations_end_once check ((status = 'held') = (ended_at is null)),
    constraint reservations_of_guilds_count_on_a_day check ((organization_id is null) = (spending_day is null)),
    constraint reservations_text_length check (
        char_length(reason) <= 1000 and char_length(app_id) <= 128 and char_length(idempotency_key) between 1 and 255
    )
);
comment on table credits.reservations is
    'Credits set aside from a balance or a pool. While held they are reserved there; what is committed becomes a ledger row of type usage';
comment on column credits.reservations.account_id is 'Whose credits are held: the user''s, or the guild''s when organization_id is given';
comment on column credits.reservations.spending_day is 'The local day whose limit the hold, and what is committed of it, counts against';
comment on column credits.reservations.transaction_id is 'The ledger row of what was committed';
comment on column credits.reservations.balance_after_hold is 'What could be spent right after, so that a retried call can repeat the first answer';
comment on column credits.reservations.balance_after_end is 'What could be spent right after commit or release, so that a retried call can repeat the first answer';

create index if not exists reservations_by_user on credits.reservations (user_id);
create index if not exists reservations_by_id on credits.reservations (id);
create unique index if not exists reservations_idempotency_key
    on credits.reservations (account_id, (organization_id is not null), idempotency_key) where idempotency_key is not null;
create index if not exists reservations_held on credits.reservations (account_id, expires_at) where status = 'held';
create index if not exists reservations_to_expire on credits.reservations (expires_at) where status = 'held';
