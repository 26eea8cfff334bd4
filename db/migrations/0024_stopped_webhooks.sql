-- A webhook whose address says that it is gone for good (410) is left alone until a DBA registers it again.

set local role credits_owner;

alter table credits.webhooks add column if not exists stopped_at timestamptz;
comment on column credits.webhooks.stopped_at is
    'Since when nothing is sent, since the address answered that it is gone; registering the webhook again goes on where it stopped. Null is never';
