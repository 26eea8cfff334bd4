-- Credits that expire: granted until a date, spent before those that last.

set local role credits_owner;

alter table credits.balances add column if not exists next_expiry timestamptz;
comment on column credits.balances.next_expiry is 'When the first of the account''s dated credits expires; null where there are none, and nothing needs to be looked up';

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
