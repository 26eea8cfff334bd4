-- Credits set aside first, used or freed later (holds), and credits that expire.

set local role credits_owner;

do $$
begin
    create type credits.reservation_status as enum ('held', 'committed', 'released', 'expired');
exception when duplicate_object then null;
end
$$;
comment on type credits.reservation_status is 
    'A reservation is held until it is committed, released or past its time (expired); one past its time can still be committed, or released and with that given up';

create table if not exists credits.reservations (
    account_id credits.account_id not null,
    id uuid not null,
    user_id credits.account_id not null,
    organization_id credits.account_id,
    amount numeric(15, 6) not null,
    status credits.reservation_status not null default 'held',
    continues uuid,
    committed_late boolean not null default false,
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
    first_expires_at timestamptz,
    extended_at timestamptz,
    ended_at timestamptz,
    constraint reservations_pkey primary key (account_id, id),
    constraint reservations_belong_to_their_account check (account_id = coalesce(organization_id, user_id)),
    constraint reservations_hold_something check (amount > 0 and committed_amount between 0 and amount),
    constraint reservations_last_at_most_30_days check (
        extract(epoch from expires_at - coalesce(extended_at, created_at)) between 1 and 2592000
        and extract(epoch from coalesce(first_expires_at, expires_at) - created_at) between 1 and 2592000
    ),
    constraint reservations_are_late_when_committed check (not committed_late or status = 'committed'),
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
comment on column credits.reservations.continues is
    'The reservation that the caller knows, where it had run out and was extended then: each time that it is held again is a row of its own, and the last one says how it stands';
comment on column credits.reservations.committed_late is
    'Committed after its time, from what was free then; ended_at is when its credits were free again';
comment on column credits.reservations.extended_at is 'When expires_at was last set anew; null where it never was';
comment on column credits.reservations.first_expires_at is
    'What expires_at was before the hold was extended, so that a retried reservation can repeat the first answer; null where it never was';
comment on column credits.reservations.spending_day is 'The local day whose limit the hold, and what is committed of it, counts against';
comment on column credits.reservations.transaction_id is 'The ledger row of what was committed';
comment on column credits.reservations.balance_after_hold is 'What could be spent right after, so that a retried call can repeat the first answer';
comment on column credits.reservations.balance_after_end is 'What could be spent right after commit or release, so that a retried call can repeat the first answer';

create index if not exists reservations_by_user on credits.reservations (user_id);
create index if not exists reservations_by_id on credits.reservations (id);
create unique index if not exists reservations_idempotency_key
    on credits.reservations (account_id, (organization_id is not null), idempotency_key) where idempotency_key is not null;
create index if not exists reservations_held on credits.reservations (account_id, expires_at) where status = 'held';
create index if not exists reservations_continuing on credits.reservations (account_id, continues, id) where continues is not null;
-- Those that a look at a past moment does not find through the time in their id.
create index if not exists reservations_outlasting on credits.reservations (account_id, expires_at)
    where expires_at - created_at > interval '30 days';
create index if not exists reservations_to_expire on credits.reservations (expires_at) where status = 'held';

create table if not exists credits.dated_credits (
    user_id credits.account_id not null,
    id uuid not null,
    granted numeric(15, 6) not null,
    remaining numeric(15, 6) not null,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    constraint dated_credits_pkey primary key (user_id, id),
    constraint dated_credits_remain_in_range check (granted > 0 and remaining between 0 and granted)
);
comment on table credits.dated_credits is
    'What is left of each grant with a date. remaining is written only by the trigger that folds dated_movements into it';
comment on column credits.dated_credits.id is 'The ledger row of the grant';

create index if not exists dated_credits_open on credits.dated_credits (user_id, expires_at, id) where remaining > 0;
create index if not exists dated_credits_to_expire on credits.dated_credits (expires_at) where remaining > 0;

create table if not exists credits.dated_movements (
    user_id credits.account_id not null,
    id uuid not null,
    dated_id uuid not null,
    cause_id uuid not null,
    amount numeric(15, 6) not null,
    created_at timestamptz not null,
    constraint dated_movements_pkey primary key (user_id, id),
    constraint dated_movements_move_something check (amount <> 0)
);
comment on table credits.dated_movements is
    'What was taken from dated credits (negative) and given back to them: append-only, so that a refund restores what a usage took';
comment on column credits.dated_movements.cause_id is
    'What took or gave back: the ledger row, the reservation, the purchase whose payment went back, or the dated credits themselves where they repaid a debt';

create index if not exists dated_movements_by_cause on credits.dated_movements (user_id, cause_id);
