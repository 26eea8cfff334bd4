-- Who calls: what each service may do at most, how often somebody may try, and what all processes of the API share.

set local role credits_owner;

create table if not exists credits.service_caps (
    caller text not null,
    operations text[],
    app_ids text[],
    max_amount numeric(15, 6),
    max_amount_per_day numeric(18, 6),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint service_caps_pkey primary key (caller),
    constraint service_caps_never_negative check (max_amount >= 0 and max_amount_per_day >= 0),
    constraint service_caps_know_their_operations check (
        operations <@ array[
            'init', 'use', 'use_guild', 'refund', 'grant', 'reserve', 'commit', 'release', 'fund_guild', 'set_limits', 'gift', 'redeem',
            'erase'
        ]
    )
);
comment on table credits.service_caps is
    'Caps of a login role, or of a service key by its name: null means no cap; who has no row is not capped. A DBA adds one with a plain insert';
comment on column credits.service_caps.caller is 'The login role of an SQL caller, or the name of a service key';
comment on column credits.service_caps.operations is 'Which operations the caller may call';
comment on column credits.service_caps.app_ids is 'For which apps';
comment on column credits.service_caps.max_amount is 'The most that one call may move';
comment on column credits.service_caps.max_amount_per_day is 'The most that all calls of a UTC day may move together';

create table if not exists credits.service_cap_usage (
    caller text not null,
    day date not null,
    amount numeric(24, 6) not null,
    constraint service_cap_usage_pkey primary key (caller, day),
    constraint service_cap_usage_never_negative check (amount >= 0)
);
comment on table credits.service_cap_usage is 'How much each capped caller has moved by UTC day';

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

create table if not exists credits.job_claims (
    name text not null,
    claimed_at timestamptz not null,
    constraint job_claims_pkey primary key (name)
);
comment on table credits.job_claims is 'When a process last took a job that one process at a time should do; a reconciliation holds its row while it runs';

create table if not exists credits.rule_history (
    account_id text not null,
    id uuid not null,
    table_name text not null,
    subject_id text,
    before jsonb,
    after jsonb,
    called_by text not null default session_user,
    created_at timestamptz not null,
    constraint rule_history_pkey primary key (account_id, id)
);
create index if not exists rule_history_of_subject on credits.rule_history (subject_id);
comment on table credits.rule_history is
    'What limits of members, caps of callers and the settings were at any time, whoever changed them: append-only, written by triggers of those tables';
comment on column credits.rule_history.account_id is 'The guild whose member''s limits changed; empty for what holds for the whole database';
comment on column credits.rule_history.subject_id is 'The member, or the caller';
comment on column credits.rule_history.before is 'What the row said; null for a new one';
comment on column credits.rule_history.after is 'What it says since; null for one that was deleted';
