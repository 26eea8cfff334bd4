-- Holds of up to 30 days, which are extended, and used after their time.

set local role credits_owner;

alter table credits.reservations add column if not exists extended_at timestamptz;
comment on column credits.reservations.extended_at is 'When expires_at was last set anew; null where it never was';
alter table credits.reservations add column if not exists first_expires_at timestamptz;
comment on column credits.reservations.first_expires_at is
    'What expires_at was before the hold was extended, so that a retried reservation can repeat the first answer; null where it never was';
alter table credits.reservations add column if not exists continues uuid;
comment on column credits.reservations.continues is
    'The reservation that the caller knows, where it had run out and was extended then: each time that it is held again is a row of its own, and the last one says how it stands';
alter table credits.reservations add column if not exists committed_late boolean not null default false
    constraint reservations_are_late_when_committed check (not committed_late or status = 'committed');
comment on column credits.reservations.committed_late is
    'Committed after its time, from what was free then; ended_at is when its credits were free again';
comment on type credits.reservation_status is
    'A reservation is held until it is committed, released or past its time (expired); one past its time can still be committed, or released and with that given up';

-- squawk-ignore ban-drop-constraint
alter table credits.reservations drop constraint if exists reservations_last_at_most_7_days;
-- squawk-ignore ban-drop-constraint
alter table credits.reservations drop constraint if exists reservations_last_at_most_30_days;
-- squawk-ignore constraint-missing-not-valid
alter table credits.reservations add constraint reservations_last_at_most_30_days check (
    extract(epoch from expires_at - coalesce(extended_at, created_at)) between 1 and 2592000
    and extract(epoch from coalesce(first_expires_at, expires_at) - created_at) between 1 and 2592000
);

-- squawk-ignore require-concurrent-index-creation
create index if not exists reservations_continuing on credits.reservations (account_id, continues, id) where continues is not null;
-- Those that a look at a past moment does not find through the time in their id.
-- squawk-ignore require-concurrent-index-creation
create index if not exists reservations_outlasting on credits.reservations (account_id, expires_at)
    where expires_at - created_at > interval '30 days';

-- A hold past its time that was released was left as expired. Now that makes a difference: only who gave it up cannot commit it any more.
alter table credits.reservations disable trigger user;
update credits.reservations set status = 'released' where status = 'expired' and balance_after_end is not null;
alter table credits.reservations enable trigger user;
