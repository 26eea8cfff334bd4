-- A job that is done for all processes notes when it was done: whoever does it may have no metrics of its own.

set local role credits_owner;

alter table credits.job_claims add column if not exists done_at timestamptz;
comment on column credits.job_claims.done_at is
    'When it was last done, or first taken; null of what is no job but a lock';
