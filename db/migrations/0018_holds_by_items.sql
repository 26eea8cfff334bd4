-- What a hold by items was charged, so that a commit of all of it has the same lines. Holds before this have none.

set local role credits_owner;

alter table credits.reservations add column if not exists charge jsonb;

comment on column credits.reservations.charge is 'What the items cost by which it was set aside; null for an amount';
