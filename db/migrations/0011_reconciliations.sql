-- What was reconciled and when, and how far each account's ledger has been verified.

create schema if not exists reconcile_new authorization credits_owner;

set local role credits_owner;

comment on schema reconcile_new is
    'The checks of the schema reconcile over what is newer than the last clean run: a view here stands in for its namesake there in a run of scope new';

create table if not exists credits.reconciliations (
    id uuid not null,
    scope text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    clean boolean not null,
    credits_held numeric(30, 6) not null,
    details jsonb not null,
    called_by text not null default session_user,
    constraint reconciliations_pkey primary key (id),
    constraint reconciliations_know_their_scope check (scope in ('full', 'new'))
);
comment on table credits.reconciliations is 'Every run of credits.reconcile over all checks; it names no account';
comment on column credits.reconciliations.scope is 'full: all there is; new: what is newer than the last clean run';
comment on column credits.reconciliations.clean is 'Whether nothing was off';
comment on column credits.reconciliations.credits_held is 'All credits in balances, pools, gifts and reservations at that moment';
comment on column credits.reconciliations.details is 'By check: how many discrepancies, and the milliseconds it took';

create table if not exists credits.reconciled_accounts (
    transaction_id uuid not null,
    balance numeric(18, 6) not null,
    total_in numeric(24, 6) not null,
    total_out numeric(24, 6) not null,
    version bigint not null,
    constraint reconciled_accounts_pkey primary key (transaction_id)
);
comment on table credits.reconciled_accounts is
    'For each account the newest ledger row of the last clean run, and the figures proved then: the next run begins there. It names no account, so an erasure finds nothing in it';
comment on column credits.reconciled_accounts.transaction_id is 'The last verified row of a personal ledger or of a pool''s';
comment on column credits.reconciled_accounts.balance is 'What the account owned after it: balance + reserved';
comment on column credits.reconciled_accounts.total_in is 'total_earned of a balance, total_funded of a pool';
comment on column credits.reconciled_accounts.total_out is 'total_spent';
comment on column credits.reconciled_accounts.version is 'How many rows its ledger had, this one included';
