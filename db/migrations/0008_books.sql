-- The books, proved: runs of the reconciliation, how far each account's ledger was verified, and seals.

set local role credits_owner;

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
    account_id text not null,
    kind credits.account_kind not null,
    sequence bigint not null,
    id uuid not null,
    owned numeric(18, 6) not null,
    number bigint not null,
    total_spent numeric(24, 6) not null,
    sealed bigint not null,
    constraint reconciled_accounts_pkey primary key (account_id, kind)
);
comment on table credits.reconciled_accounts is
    'For each account the newest entry of the last clean run, and the figures proved then: the next run begins there';
comment on column credits.reconciled_accounts.owned is 'What the account owned after the entry';
comment on column credits.reconciled_accounts.sealed is 'The newest entry whose seal was verified then; 0 if none';

-- How the hash chain of each ledger stood, so that a later change of a sealed row is evident, whoever made it.
create table if not exists credits.seals (
    account_id text not null,
    kind credits.account_kind not null,
    sequence bigint not null,
    hash bytea not null,
    created_at timestamptz not null,
    constraint seals_pkey primary key (account_id, kind, sequence),
    constraint seals_are_sha256 check (octet_length(hash) = 32)
);
comment on table credits.seals is
    'How the hash chain of each ledger stood at some of its entries: append-only. What is sealed is evidence, what came since is not yet';
comment on column credits.seals.sequence is 'The entry that the seal is of, hence how many entries are sealed';
comment on column credits.seals.hash is
    'SHA-256 of the hash of the entry before (nothing for the first one) and the entry''s canonical text: over every entry from the first to this one';
comment on column credits.seals.created_at is 'Since when a change of the entries up to here is evident';

-- What the last deployment left: what protects the books is compared with it.
create table if not exists credits.deployed (
    kind text not null,
    object text not null,
    definition text not null,
    constraint deployed_pkey primary key (kind, object)
);
comment on table credits.deployed is
    'The definition of everything that was there when the last deployment ended, as credits._definitions tells it; written by deployments alone, and names nobody but deployers';
comment on column credits.deployed.kind is 'function, trigger, constraint, column, right and so on; deployment: of what files, when and by which login it was made';
