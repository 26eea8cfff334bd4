-- Events: what consumers are told of, written in the transaction that makes it true. See docs/events.md.

set local role credits_owner;

-- Two tables, since numbers of rows say nothing about who commits first. The outbox is filled by any number of transactions at once; whoever
-- orders it moves what has been committed, so that positions are seen in their order and none appears below another that was seen.
-- Both are queues that are read across all accounts: their keys are places in the queue, not accounts.
create table if not exists credits.outbox (
    number bigint generated always as identity,
    id uuid not null,
    type text not null,
    user_id text,
    organization_id text,
    data jsonb not null,
    created_at timestamptz not null,
    constraint outbox_pkey primary key (number)
);
comment on table credits.outbox is 'Events that wait to be given their position by credits.order_events; rows of the same account are numbered in its order';
comment on sequence credits.outbox_number_seq is 'Numbers events as they are written';
comment on column credits.outbox.user_id is 'Whose account it is, or which member moved the pool''s';
comment on column credits.outbox.organization_id is 'Whose pool it is; null for a personal account';

create table if not exists credits.events (
    position bigint not null,
    id uuid not null,
    type text not null,
    user_id text,
    organization_id text,
    data jsonb not null,
    created_at timestamptz not null,
    constraint events_pkey primary key (position)
);
comment on table credits.events is 'Events in the order in which every consumer reads them, until all consumers have passed them';
comment on column credits.events.position is 'The place in the order: once a reader sees one, no lower one appears any more. Without meaning otherwise, and not without gaps';
comment on column credits.events.id is 'Stays the same however often the event is delivered';

-- An erasure looks for a person's.
create index if not exists events_of_user on credits.events (user_id) where user_id is not null;

create table if not exists credits.event_log (
    only_row boolean not null default true,
    last_position bigint not null default 0,
    constraint event_log_pkey primary key (only_row),
    constraint event_log_has_one_row check (only_row)
);
comment on table credits.event_log is 'The last position given out; whoever gives out more, or turns the events of balances on or off, locks the row';
insert into credits.event_log default values on conflict do nothing;

create table if not exists credits.event_consumers (
    consumer text not null,
    types text[] not null,
    login text,
    position bigint not null,
    registered_at timestamptz not null default now(),
    lost_at timestamptz,
    constraint event_consumers_pkey primary key (consumer),
    constraint event_consumers_want_something check (cardinality(types) > 0),
    constraint event_consumers_know_their_types check (
        types <@ array['balance.changed', 'balance.low', 'gift.redeemed', 'purchase.completed', 'hold.expired']
    )
);
comment on table credits.event_consumers is 'Who reads events, which types, and how far each has come. An event of a type that nobody here wants is not written';
comment on column credits.event_consumers.login is 'The login role that reads; null for a webhook, which the API reads for';
comment on column credits.event_consumers.position is 'Everything up to here is done with';
comment on column credits.event_consumers.lost_at is 'Since when nothing is kept for it any more, since it left events for too long; null is never';

create table if not exists credits.webhooks (
    consumer text not null,
    url text not null,
    failures integer not null default 0,
    last_failure text,
    due_at timestamptz not null default now(),
    claim uuid,
    stopped_at timestamptz,
    created_at timestamptz not null default now(),
    constraint webhooks_pkey primary key (consumer),
    constraint webhooks_consumer_fkey foreign key (consumer) references credits.event_consumers (consumer) on delete cascade,
    constraint webhooks_are_http check (url ~ '^https?://[^\s/?#@]+([/?#]\S*)?$')
);
comment on table credits.webhooks is 'Where the API posts a consumer''s events';
comment on column credits.webhooks.failures is 'How often in a row delivery has failed';
comment on column credits.webhooks.due_at is 'When delivery may be claimed: after a pause, or when the claim of a process that died has run out';
comment on column credits.webhooks.stopped_at is
    'Since when nothing is sent, since the address answered that it is gone; registering the webhook again goes on where it stopped. Null is never';
comment on column credits.webhooks.claim is 'Known only to the process that delivers now; null when none does';

create table if not exists credits.webhook_secrets (
    consumer text not null,
    secret text not null,
    constraint webhook_secrets_pkey primary key (consumer),
    constraint webhook_secrets_consumer_fkey foreign key (consumer) references credits.webhooks (consumer) on delete cascade
);
comment on table credits.webhook_secrets is 'What deliveries are signed with. Apart from the rest, since auditors read every other table and must not read this one';
