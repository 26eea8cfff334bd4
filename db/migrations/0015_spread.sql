-- What accounts on several machines need (docs/scale.md), and one machine is as well off with.
-- No version without it was ever released, so the tables are new where this runs: nothing is scanned or lost.
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion, ban-drop-constraint, ban-drop-column
-- squawk-ignore-file constraint-missing-not-valid, adding-serial-primary-key-field, adding-required-field, adding-field-with-default
-- squawk-ignore-file ban-alter-identity, adding-not-nullable-field

set local role credits_owner;

-- Events are numbered within their account, under its lock: so any machine may write them.
alter table credits.outbox
    add column if not exists account_id text,
    add column if not exists kind credits.account_kind,
    alter column number drop identity if exists;
update credits.outbox
set account_id = coalesce(organization_id, user_id), kind = case when organization_id is null then 'person' else 'pool' end::credits.account_kind
where account_id is null;
alter table credits.outbox
    drop constraint outbox_pkey,
    alter column account_id set not null,
    alter column kind set not null,
    add constraint outbox_pkey primary key (account_id, kind, number);
comment on table credits.outbox is 'Events that wait to be given their position by credits.order_events';
comment on column credits.outbox.number is 'The order within the account, among the events that wait';
comment on column credits.outbox.user_id is 'Whose account it is, or which member moved the pool''s';
comment on column credits.outbox.organization_id is 'Whose pool it is; null for a personal account';

-- Which events are wanted is read by whoever moves credits, where each consumer stands only by those who read them.
alter table credits.settings add column if not exists events text[] not null default '{}';
update credits.settings s
set events = w.types
from (select array_agg(distinct t.type order by t.type) as types from credits.event_consumers c cross join unnest(c.types) t (type) where c.lost_at is null) w
where w.types is not null;
alter table credits.settings drop column balance_events;
alter table credits.settings add column balance_events boolean not null generated always as ('balance.changed' = any (events)) stored;
comment on column credits.settings.events is 'The types of events that some consumer wants; others are not written';
comment on column credits.settings.balance_events is 'Whether any consumer wants the event balance.changed';

-- Ids are unique by themselves; no uniqueness may reach over all accounts.
drop index gifts.gift_codes_by_creator;
create index gift_codes_by_creator on gifts.gift_codes (creator_id, id);

alter table credits.settings add column if not exists spread boolean not null default false;
comment on column credits.settings.spread is 'Whether accounts lie on several machines';

-- An erasure is told apart in each account and gift whose rows it changes: what a row is checked against lies with it.
alter table credits.erasures
    add column if not exists place text not null,
    drop constraint erasures_pkey,
    add constraint erasures_pkey primary key (place, account_id);
comment on column credits.erasures.place is 'In whose rows the pseudonym takes the place: the person''s own account, a pool or the code of a gift';

-- Drawn where a row is inserted, not by a trigger: that would draw another one on each machine.
alter table credits.packages alter column id set default gen_random_uuid();
