-- The support desk: what people in support did, to whom and why.
-- No version without it was ever released, so the tables are new where this runs: nothing is scanned or lost.
-- squawk-ignore-file require-concurrent-index-creation, ban-drop-constraint, constraint-missing-not-valid

set local role credits_owner;

-- Before erasure: credits.list_transactions knows the types of people's entries by their order.
alter type credits.entry_type add value if not exists 'adjustment' before 'erasure';

create table if not exists credits.admin_actions (
    account_id text not null,
    sequence bigint not null,
    id uuid not null,
    admin_id credits.account_id not null,
    action text not null,
    subject_id text,
    asked jsonb not null default '{}',
    amount numeric(18, 6),
    reason text not null,
    entry_id uuid,
    balance numeric(18, 6),
    before jsonb,
    after jsonb,
    idempotency_key text,
    request_id text,
    called_by text not null default session_user,
    created_at timestamptz not null,
    words_hash bytea not null,
    hash bytea not null,
    constraint admin_actions_pkey primary key (account_id, sequence),
    constraint admin_actions_know_their_kind check (
        action in ('grant', 'take', 'refund', 'release', 'cancel_gift', 'freeze', 'unfreeze', 'set_package', 'set_price')
    ),
    constraint admin_actions_say_why check (char_length(reason) <= 500),
    constraint admin_actions_are_on_others check (account_id <> admin_id),
    constraint admin_actions_are_sealed check (octet_length(hash) = 32 and octet_length(words_hash) = 32)
);
comment on table credits.admin_actions is
    'What people in support did, each in the transaction of what it did: append-only, each account''s acts one hash chain';
comment on column credits.admin_actions.account_id is 'The person that it was done to; empty for packages and prices';
comment on column credits.admin_actions.sequence is 'The act''s place among those on the account: 1, 2, 3 and so on without gaps';
comment on column credits.admin_actions.admin_id is 'Who did it: sub of the token';
comment on column credits.admin_actions.subject_id is 'What it was about: a usage, a hold, a gift, a package or an operation';
comment on column credits.admin_actions.asked is 'What else was asked for, to tell a retry from another request under the same key';
comment on column credits.admin_actions.amount is 'Signed, what it moved';
comment on column credits.admin_actions.reason is 'Why; emptied by an erasure';
comment on column credits.admin_actions.entry_id is 'The entry that it wrote';
comment on column credits.admin_actions.balance is 'What the person could spend right after';
comment on column credits.admin_actions.before is 'What a package or price was';
comment on column credits.admin_actions.after is 'What it is since';
comment on column credits.admin_actions.words_hash is
    'Keyed hash of who did it, to whom and why: an erasure changes these words, and their hash is what is sealed';
comment on column credits.admin_actions.hash is
    'SHA-256 of the hash of the act before (nothing for the first one) and this act''s canonical text';
create unique index if not exists admin_actions_idempotency_key
    on credits.admin_actions (account_id, idempotency_key) where idempotency_key is not null;
create index if not exists admin_actions_by_id on credits.admin_actions (id);
create index if not exists admin_actions_by_admin on credits.admin_actions (admin_id, id);

do $$
begin
    create type credits.act as (
        id uuid,
        account_id text,
        admin_id text,
        action text,
        subject_id text,
        amount numeric,
        reason text,
        entry_id uuid,
        balance numeric,
        before jsonb,
        after jsonb,
        idempotency_key text,
        request_id text,
        created_at timestamptz,
        replayed boolean
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.act is 'What an act of the support desk answers: its row, and whether this call repeats an earlier one';

-- Entries are added in the order of their ids, so an index of stretches of the table finds one by its id; keys and request ids are found by a small
-- filter for each stretch. A debit only passes by: a stretch is summed up when it is full.
create index if not exists entries_in_stretches on credits.entries
    using brin (id, idempotency_key text_bloom_ops, request_id text_bloom_ops) with (pages_per_range = 32, autosummarize = on);

alter table credits.service_caps drop constraint if exists service_caps_know_their_operations;
alter table credits.service_caps
    add constraint service_caps_know_their_operations check (
        operations <@ array[
            'init', 'use', 'use_guild', 'refund', 'grant', 'reserve', 'capture', 'commit', 'release', 'fund_guild', 'set_limits', 'gift',
            'redeem', 'erase', 'take', 'freeze', 'sell'
        ]
    );
