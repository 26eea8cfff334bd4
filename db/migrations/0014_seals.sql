-- Seals: how the hash chain of each ledger stood, so that a later change of a sealed row is evident, whoever made it.

set local role credits_owner;

create table if not exists credits.seals (
    user_id text not null,
    id uuid not null,
    sequence bigint not null,
    hash bytea not null,
    created_at timestamptz not null,
    constraint seals_pkey primary key (user_id, id),
    constraint seals_are_sha256 check (octet_length(hash) = 32)
);
comment on table credits.seals is
    'How the hash chain of each personal ledger stood at some of its rows: append-only. What is sealed is evidence, what came since is not yet';
comment on column credits.seals.id is 'The ledger row that the seal is of';
comment on column credits.seals.sequence is 'Its number in its account, hence how many rows are sealed';
comment on column credits.seals.hash is
    'SHA-256 of the hash of the row before (nothing for the first row) and the row''s canonical text: over every row from the first to this one';
comment on column credits.seals.created_at is 'Since when a change of the rows up to here is evident';

create table if not exists credits.guild_seals (
    organization_id text not null,
    id uuid not null,
    sequence bigint not null,
    hash bytea not null,
    created_at timestamptz not null,
    constraint guild_seals_pkey primary key (organization_id, id),
    constraint guild_seals_are_sha256 check (octet_length(hash) = 32)
);
comment on table credits.guild_seals is
    'How the hash chain of each pool''s ledger stood at some of its rows: append-only. What is sealed is evidence, what came since is not yet';
comment on column credits.guild_seals.id is 'The ledger row that the seal is of';
comment on column credits.guild_seals.sequence is 'Its number in its pool, hence how many rows are sealed';
comment on column credits.guild_seals.hash is
    'SHA-256 of the hash of the row before (nothing for the first row) and the row''s canonical text: over every row from the first to this one';
comment on column credits.guild_seals.created_at is 'Since when a change of the rows up to here is evident';

alter table credits.reconciled_accounts add column if not exists seal_id uuid;
comment on column credits.reconciled_accounts.seal_id is 'The newest sealed row of the account whose seal was verified then; null if none';
