-- Who may spend how much: limits of people and members by day, week and month, and accounts from which nothing goes out.
-- No version without it was ever released, so the tables are new where this runs: nothing is scanned or lost.
-- squawk-ignore-file ban-drop-constraint, ban-drop-column, constraint-missing-not-valid

set local role credits_owner;

alter table credits.accounts
    add column if not exists limited boolean not null default false,
    add column if not exists frozen_at timestamptz,
    add column if not exists frozen_reason text,
    drop constraint if exists accounts_say_why_they_are_frozen;
alter table credits.accounts
    add constraint accounts_say_why_they_are_frozen check (
        (frozen_at is null) = (frozen_reason is null) and char_length(frozen_reason) <= 500
    );
comment on column credits.accounts.limited is 'Whether credits.spending_limits has rows of the account, so that whoever has none pays nothing for it';
comment on column credits.accounts.frozen_at is 'Since when nothing goes out; null is never. Open holds may be committed all the same';

create table if not exists credits.spending_limits (
    account_id text not null,
    kind credits.account_kind not null,
    app_id text not null default '',
    daily_limit numeric(15, 6),
    weekly_limit numeric(15, 6),
    monthly_limit numeric(15, 6),
    running_day date,
    time_zone text,
    spent_that_day numeric not null default 0,
    spent_that_week numeric not null default 0,
    spent_that_month numeric not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint spending_limits_pkey primary key (account_id, kind, app_id),
    constraint spending_limits_of_pools_are_for_all_apps check (kind = 'person' or app_id = ''),
    constraint spending_limits_in_range check (
        daily_limit between 0 and 999999999.999999 and weekly_limit between 0 and 999999999.999999
        and monthly_limit between 0 and 999999999.999999
    )
) with (fillfactor = 70);
comment on table credits.spending_limits is
    'How much a person may use of their own credits in a day, a week and a month, and, of a pool, each member without a limit of their own; null means no limit, 0 blocks';
comment on column credits.spending_limits.app_id is 'The app that the limits are for; empty for all together';
comment on column credits.spending_limits.running_day is
    'Of a person: the latest local day on which they used or held anything that counts; the figures are of its day, ISO week and month. Null until then: what was spent before is added up when it is first needed. Changed under the account''s lock';
comment on column credits.spending_limits.time_zone is
    'The zone of what was added up then; entries since say their day themselves';

alter table credits.guild_spending_limits
    add column if not exists weekly_limit numeric(15, 6),
    add column if not exists unlimited boolean not null default false,
    add column if not exists until timestamptz,
    add column if not exists later_daily_limit numeric(15, 6),
    add column if not exists later_weekly_limit numeric(15, 6),
    add column if not exists later_monthly_limit numeric(15, 6),
    add column if not exists later_unlimited boolean not null default false,
    drop constraint if exists guild_spending_limits_in_range;
alter table credits.guild_spending_limits
    add constraint guild_spending_limits_in_range check (
        daily_limit between 0 and 999999999.999999 and weekly_limit between 0 and 999999999.999999
        and monthly_limit between 0 and 999999999.999999
    );
comment on table credits.guild_spending_limits is
    'How much a member may use of a pool in a day, a week and a month, in place of the pool''s limits for all members; null leaves it to those, 0 blocks';
comment on column credits.guild_spending_limits.unlimited is 'No limit holds for this member, nor those of the pool';
comment on column credits.guild_spending_limits.until is 'Until when these limits hold; null for good';
comment on column credits.guild_spending_limits.later_daily_limit is
    'What holds after until, and held before: the limit of a day; those of a week and a month, and unlimited, beside it';

alter table credits.entries add column if not exists spent_that_week numeric;
comment on column credits.entries.spent_that_week is 'Of a pool: what the member has used or holds of it in the ISO week of running_day, after the entry';

do $$
begin
    create type credits.spending as (running_day date, today numeric, this_week numeric, this_month numeric);
exception when duplicate_object then null;
end
$$;
comment on type credits.spending is 'What was used or is held on a local day, in its ISO week and in its month';

do $$
begin
    create type credits.exceeded as (scope text, window_name text, window_limit numeric, window_spent numeric, day date);
exception when duplicate_object then null;
end
$$;
comment on type credits.exceeded is
    'A limit that a debit would exceed: whose it is (own, app, member, default), its window, what was spent in that before, and a day of the window';

alter type credits.running_figures
    drop attribute window_exceeded,
    drop attribute window_limit,
    drop attribute window_spent,
    add attribute spent_that_week numeric,
    add attribute exceeded credits.exceeded;
comment on type credits.running_figures is
    'What an entry of a pool says of its member: the day on which it counts, the figures that run on, and a limit that it exceeds, if any';
