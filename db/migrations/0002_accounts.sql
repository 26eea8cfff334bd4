-- One ledger for people and pools: accounts, and the entries that say all that ever happened to them.

set local role credits_owner;

do $$
begin
    create domain credits.account_id as text
        constraint account_id_is_plain_text check (
            value <> '' and char_length(value) <= 128 and value !~ '[\u0001-\u001f\u007f-\u009f]'
        );
exception when duplicate_object then null;
end
$$;
comment on domain credits.account_id is 'Opaque id of a user, guild or app: 1 to 128 characters, no control characters';

do $$
begin
    -- A domain's check is read once a session, one of a table anew for every statement.
    create domain credits.standing as numeric
        constraint standing_is_never_negative check (value >= 0 and value < 1000000000000);
exception when duplicate_object then null;
end
$$;
comment on domain credits.standing is 'What is available, held or owed: never negative, at most 12 digits before the point, never NaN';

do $$
begin
    create type credits.account_kind as enum ('person', 'pool');
exception when duplicate_object then null;
end
$$;
comment on type credits.account_kind is 'Whose an account is: a person''s own, or a guild''s pool';

do $$
begin
    create type credits.entry_type as enum (
        'purchase', 'usage', 'refund', 'gift', 'guild_funding', 'grant', 'expiry', 'clawback', 'erasure', 'funding', 'hold', 'release'
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.entry_type is
    'Why an account changed. guild_funding is the funder''s side, funding the pool''s; hold and release change what is held, not what is owned';

do $$
begin
    create type credits.transaction_status as enum ('completed');
exception when duplicate_object then null;
end
$$;
comment on type credits.transaction_status is 'An entry is written when the credits have moved, so there is one status';

create table if not exists credits.settings (
    only_row boolean not null default true,
    limits_time_zone text not null default 'UTC',
    balance_events boolean not null default false,
    constraint settings_pkey primary key (only_row),
    constraint settings_have_one_row check (only_row)
);
comment on table credits.settings is 'What is the same for the whole database; written by the deployment';
comment on column credits.settings.limits_time_zone is 'The zone in which days and months of spending limits are cut';
comment on column credits.settings.balance_events is 'Whether a consumer wants the event balance.changed; follows credits.event_consumers';
insert into credits.settings default values on conflict do nothing;

create table if not exists credits.accounts (
    account_id credits.account_id not null,
    kind credits.account_kind not null,
    low_balance_at numeric(18, 6),
    closed_at timestamptz,
    created_at timestamptz not null default now(),
    constraint accounts_pkey primary key (account_id, kind)
);
comment on table credits.accounts is
    'One row an account: what is set, not what moves, and the row that is locked. Whoever moves credits of an account locks it first and does not change it';
comment on column credits.accounts.account_id is 'The user''s or the guild''s id';
comment on column credits.accounts.low_balance_at is
    'The event balance.low is written when what the account owns falls from above this to it or below; null is never';

comment on column credits.accounts.closed_at is 'Since when the person is being erased: nothing moves any more; null is never';

-- No column has a length or a precision: to keep to one is a function call for each of them in every insert. What is kept is cut and checked before.
create table if not exists credits.entries (
    account_id text not null,
    kind credits.account_kind not null,
    sequence bigint not null,
    id uuid not null,
    created_at timestamptz not null,
    due_after timestamptz,
    ends_at timestamptz,
    number bigint not null,
    type credits.entry_type not null,
    reversal boolean not null default false,
    spending_day date,
    running_day date,
    amount numeric not null,
    available credits.standing not null,
    reserved credits.standing not null,
    debt credits.standing not null,
    clawed_back numeric not null,
    total_spent numeric not null,
    spent_that_day numeric,
    spent_that_month numeric,
    lot_id uuid,
    lot_taken numeric,
    lot_left numeric,
    other_id text,
    reference_id text,
    app_id text,
    description text not null default '',
    metadata jsonb not null default '{}',
    idempotency_key text,
    called_by text not null default session_user,
    request_id text,
    constraint entries_pkey primary key (account_id, kind, sequence)
);
comment on table credits.entries is
    'The ledger of people and pools: append-only, each account''s entries one unbroken chain, each with the state after it. There is no balance beside it';
comment on column credits.entries.sequence is 'The entry''s place in its account: 1, 2, 3 and so on without gaps';
comment on column credits.entries.id is 'UUID version 7 of the moment: an account''s ids grow with its sequence, also when the clock goes back';
comment on column credits.entries.due_after is
    'Nothing of the account falls due by time (holds, lots) before this moment; null where nothing does. It may be earlier than what falls due first';
comment on column credits.entries.ends_at is
    'Of a hold: when it ends. Of a grant with a date: when its lot ends. Of an end by time: the moment at which it came, also where that was written down later';
comment on column credits.entries.number is 'How many entries until this one, itself included, moved what the account owns: the row''s number in statements';
comment on column credits.entries.reversal is 'Brings back what went out before: lowers total_spent instead of raising total_earned';
comment on column credits.entries.spending_day is 'Of a pool: the local day whose limit the entry counts against, or gives back to';
comment on column credits.entries.running_day is 'Of a pool: the latest local day on which the member moved the pool; spent_that_day and spent_that_month are of it';
comment on column credits.entries.amount is 'Signed change of what the account owns: 0 for a hold and its release';
comment on column credits.entries.available is 'What can be spent after the entry; 0 where there is a debt';
comment on column credits.entries.reserved is 'What open holds have set aside after the entry';
comment on column credits.entries.debt is 'What is owed after the entry, at most clawed_back';
comment on column credits.entries.clawed_back is 'All that was taken back since payments were refunded or disputed, less what was given again: bounds the debt';
comment on column credits.entries.total_spent is 'All that went out until this entry, less what reversals brought back';
comment on column credits.entries.spent_that_day is 'Of a pool: what the member has used or holds of it on running_day, after the entry';
comment on column credits.entries.spent_that_month is 'Of a pool: what the member has used or holds of it in the month of running_day, after the entry';
comment on column credits.entries.lot_id is
    'The lot in front, of which a plain usage was taken; what credits.lots says of it is older until an entry without lot_id follows';
comment on column credits.entries.lot_taken is 'What this entry took of the lot in front';
comment on column credits.entries.lot_left is 'What is left of the lot in front';
comment on column credits.entries.other_id is 'Of a pool: the member who funded or used. Of a person: the guild that was funded';
comment on column credits.entries.reference_id is
    'What caused the entry: a purchase, a gift, the entry on the other side, a refunded usage, a hold, a lot or the grantor''s own reference';
comment on column credits.entries.called_by is 'The login role that called';
comment on column credits.entries.request_id is 'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL gave; emptied by an erasure';
create unique index if not exists entries_idempotency_key
    on credits.entries (account_id, kind, idempotency_key) where idempotency_key is not null;
create unique index if not exists entries_once_per_source
    on credits.entries (account_id, kind, type, reference_id) where type in ('purchase', 'grant');
create index if not exists entries_refunds
    on credits.entries (account_id, kind, reference_id) where type = 'refund' and reference_id is not null;
-- A member's running figures and history in one pool; and, by the member, where a usage is of which only that is known.
create index if not exists entries_of_member on credits.entries (account_id, kind, other_id, sequence) where kind = 'pool';

create table if not exists credits.members (
    user_id text not null,
    organization_id text not null,
    constraint members_pkey primary key (user_id, organization_id)
);
comment on table credits.members is 'Which pools a person ever moved or held credits of: an erasure and a refund of which only the member is known look there';

create table if not exists credits.usage_folds (
    user_id text not null,
    app_id text not null,
    date date not null,
    credits_used numeric(24, 6) not null,
    transactions_count bigint not null,
    constraint usage_folds_pkey primary key (user_id, date, app_id)
) with (fillfactor = 70);
comment on table credits.usage_folds is
    'Personal usage by user, app and UTC day, up to the entry that usage_marks names. Read it through the view usage_stats, which adds the entries since';

create table if not exists credits.usage_marks (
    user_id text not null,
    sequence bigint not null,
    constraint usage_marks_pkey primary key (user_id)
);
comment on table credits.usage_marks is 'Up to which entry an account''s usage is folded into usage_folds';

do $$
begin
    create type credits.running_figures as (
        spending_day date,
        running_day date,
        spent_that_day numeric,
        spent_that_month numeric,
        window_exceeded text,
        window_limit numeric,
        window_spent numeric
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.running_figures is
    'What an entry of a pool says of its member: the day on which it counts, the figures that run on, and which window it exceeds with what was spent there before, if any';

do $$
begin
    create type credits.lot_share as (id uuid, taken numeric, remaining numeric);
exception when duplicate_object then null;
end
$$;
comment on type credits.lot_share is 'What a debit takes of a lot, and what is left of that';

do $$
begin
    create type credits.posted as (
        item integer,
        id uuid,
        created_at timestamptz,
        available numeric,
        reserved numeric,
        total_spent numeric,
        sequence bigint
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.posted is 'What the batch writer says of an item that it wrote: its entry, and the account right after it';

do $$
begin
    create type credits.movement as (
        id uuid,
        user_id text,
        type credits.entry_type,
        status credits.transaction_status,
        amount numeric,
        balance_before numeric,
        balance_after numeric,
        app_id text,
        description text,
        metadata jsonb,
        idempotency_key text,
        guild_id text,
        created_at timestamptz,
        completed_at timestamptz,
        balance numeric,
        total_earned numeric,
        total_spent numeric,
        reserved numeric,
        replayed boolean
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.movement is
    'What a call that moves personal credits answers: its entry, the account right after it, and whether this call repeats an earlier one';

do $$
begin
    create type credits.use_outcome as (
        item integer,
        refusal text,
        refusal_message text,
        refusal_detail text,
        refusal_hint text,
        id uuid,
        user_id text,
        type credits.entry_type,
        status credits.transaction_status,
        amount numeric,
        balance_before numeric,
        balance_after numeric,
        app_id text,
        description text,
        metadata jsonb,
        idempotency_key text,
        guild_id text,
        created_at timestamptz,
        completed_at timestamptz,
        balance numeric,
        total_earned numeric,
        total_spent numeric,
        reserved numeric,
        replayed boolean
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.use_outcome is
    'What became of one item of a batch of debits: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';

create table if not exists credits.address_key (
    only_row boolean not null default true,
    key bytea not null,
    constraint address_key_pkey primary key (only_row),
    constraint address_key_has_one_row check (only_row),
    constraint address_key_cannot_be_guessed check (octet_length(key) = 32)
);
comment on table credits.address_key is
    'What addresses are hashed with, made at random once. Apart from the rest, since auditors read every other table and must not read this one';
-- Each id has 122 random bits.
insert into credits.address_key (key)
select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
on conflict do nothing;

create table if not exists credits.known_addresses (
    user_id text not null,
    address_hash bytea not null,
    constraint known_addresses_pkey primary key (user_id, address_hash),
    constraint known_addresses_are_sha256 check (octet_length(address_hash) = 32)
);
comment on table credits.known_addresses is
    'By which addresses each person was met, so that an erasure finds the gifts for them: hashes alone, since nothing else needs the address';
comment on column credits.known_addresses.address_hash is 'Keyed with credits.address_key, of the address with its ASCII letters small';

-- Who is being erased, and what took their place: for one transaction, in which the ledgers let the one give way to the other.
create table if not exists credits.erasures (
    account_id credits.account_id not null,
    pseudonym credits.account_id not null,
    constraint erasures_pkey primary key (account_id),
    constraint erasures_name_a_pseudonym check (pseudonym like 'erased:%' and account_id not like 'erased:%')
);
comment on table credits.erasures is
    'The person and the pseudonym of an erasure that is under way; empty for everybody else, since its row goes before the transaction ends';

create table if not exists credits.erasure_requests (
    user_hash bytea not null,
    user_id text,
    pseudonym text,
    addresses bytea[],
    deleted_count integer not null default 0,
    forfeited_credits numeric(18, 6) not null default 0,
    cancelled_gifts integer not null default 0,
    released_reservations integer not null default 0,
    requested_at timestamptz not null,
    due_at timestamptz not null,
    finished_at timestamptz,
    constraint erasure_requests_pkey primary key (user_hash),
    constraint erasure_requests_forget_who_it_was check (
        (finished_at is null) = (user_id is not null) and (finished_at is null) = (pseudonym is not null)
        and (finished_at is null) = (addresses is not null)
    )
);
comment on table credits.erasure_requests is
    'Erasures of large accounts, which the background work finishes step by step. What is left afterwards tells a repeated call the result, and nobody who it was';
comment on column credits.erasure_requests.user_hash is 'Of the id, keyed with credits.address_key';
comment on column credits.erasure_requests.due_at is 'When to go on: later than now only after a failure';
create index if not exists erasure_requests_open on credits.erasure_requests (due_at) where finished_at is null;
