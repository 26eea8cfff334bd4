-- What all processes of the API share: how often somebody may try, and the figures that they show.

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

-- What the gauges of all processes show, measured by one of them at a time. Unlogged, since it is measured again anyway.
create unlogged table if not exists credits.figures (
    only_row boolean not null default true,
    due_at timestamptz not null,
    measured_at timestamptz,
    balances numeric,
    pools numeric,
    reservations numeric,
    gifts numeric,
    open_reservations bigint,
    open_gifts bigint,
    constraint figures_pkey primary key (only_row),
    constraint figures_have_one_row check (only_row)
);
comment on table credits.figures is 'Where all credits were when credits.measure last added them up, for gauges; nothing depends on it';
comment on column credits.figures.due_at is 'When to measure again; whoever claims that moves it on first, so that nobody else does so too';
comment on column credits.figures.balances is 'What users can spend';
comment on column credits.figures.pools is 'What guilds can spend';
comment on column credits.figures.reservations is 'What is held of either';
comment on column credits.figures.gifts is 'What open gifts have left';
