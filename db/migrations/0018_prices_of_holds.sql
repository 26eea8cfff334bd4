-- A hold names the entry that set it aside: its captures and its commit keep the prices that this entry told.

set local role credits_owner;

alter table credits.reservations add column if not exists sequence bigint;
comment on column credits.reservations.sequence is
    'The entry of its account that set it aside, whose charge has the prices that captures and the commit keep';
