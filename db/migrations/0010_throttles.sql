-- How often somebody may try, counted once for all processes of the API.

set local role credits_owner;

-- Unlogged: an attempt costs no flush of the disk. A crash or a failover forgets them, and everybody may try anew.
create unlogged table if not exists credits.attempts (
    subject text not null,
    kind text not null,
    free_at timestamptz not null,
    constraint attempts_pkey primary key (subject, kind),
    constraint attempts_subject_length check (char_length(subject) <= 128)
) with (fillfactor = 50);
comment on table credits.attempts is
    'Throttles: one row for whoever tried lately, forgotten by a crash and by credits.expire_attempts when all attempts are free again';
comment on column credits.attempts.subject is 'Who tries: the id of a user, or the address of a visitor';
comment on column credits.attempts.kind is 'What is tried: gift_look_up (by address), gift_guess, purchase (by user)';
comment on column credits.attempts.free_at is
    'When all attempts are free again: each one taken moves it on by its share of the window, up to a whole window from now';
