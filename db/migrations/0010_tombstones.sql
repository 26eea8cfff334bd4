-- What is still recognized of erased persons: that a call repeats one of theirs, and that a guild had blocked them.

set local role credits_owner;

create table if not exists credits.tombstones (
    account_hash bytea not null,
    mark_hash bytea not null,
    constraint tombstones_pkey primary key (account_hash, mark_hash),
    constraint tombstones_are_sha256 check (octet_length(account_hash) = 32 and octet_length(mark_hash) = 32)
);
comment on table credits.tombstones is
    'What an erasure took away of an account and a late repetition would bring back: hashes alone, which tell nothing to whoever does not come with the same id and key';
comment on column credits.tombstones.account_hash is 'Of the person''s id, or of the pool''s; keyed with credits.address_key';
comment on column credits.tombstones.mark_hash is
    'Of the account and an idempotency key, a grant''s reference, a redeemed gift''s id or a blocked member''s; keyed too';

alter table credits.accounts add column if not exists has_tombstones boolean not null default false;
comment on column credits.accounts.has_tombstones is
    'Whether somebody was erased who had this id before, or who used this pool: only then are keys looked for among credits.tombstones';
