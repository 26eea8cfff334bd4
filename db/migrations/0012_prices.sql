-- What operations cost, and what was charged for them.
-- No version without it was ever released, so the tables are new where this runs: nothing is scanned or lost.
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion, ban-drop-constraint, constraint-missing-not-valid

set local role credits_owner;

create table if not exists credits.prices (
    operation text not null,
    valid_from timestamptz not null default now(),
    app_id text,
    unit text not null default 'call',
    unit_price numeric not null,
    per numeric not null default 1,
    step numeric not null default 1,
    minimum numeric not null default 0,
    name text not null default '',
    description text not null default '',
    category text,
    sort_order integer not null default 0,
    active boolean not null default true,
    created_at timestamptz not null default clock_timestamp(),
    constraint prices_pkey primary key (operation, valid_from),
    constraint prices_name_an_operation check (
        operation <> '' and char_length(operation) <= 128 and operation !~ '[\u0001-\u001f\u007f-\u009f]'
    ),
    constraint prices_text_length check (
        char_length(unit) <= 50 and char_length(name) <= 200 and char_length(description) <= 1000 and char_length(category) <= 100
        and char_length(app_id) <= 128
    ),
    constraint prices_are_counted_in_units check (
        unit_price >= 0 and unit_price <= 999999999.999999 and scale(unit_price) <= 12
        and per > 0 and per <= 1000000000 and scale(per) <= 6
        and step > 0 and step <= 1000000000 and scale(step) <= 6
        and minimum >= 0 and minimum <= 999999999.999999 and scale(minimum) <= 6
    )
);
comment on table credits.prices is
    'What an operation costs from a moment on: max(minimum, ceil(quantity / step) * step / per * unit_price). Append-only, never in the past; a DBA adds one with a plain insert. '
    'The same for every account';
comment on column credits.prices.valid_from is 'From when; the price of a moment is the newest row of the operation that is valid then';
comment on column credits.prices.app_id is 'The app whose operation it is, for lists; the price holds whoever asks';
comment on column credits.prices.unit is 'What a quantity counts: a call, a token, a second';
comment on column credits.prices.unit_price is 'The price of so many units as per says';
comment on column credits.prices.step is 'Quantities are rounded up to a multiple of it';
comment on column credits.prices.minimum is 'The least that a line costs';
comment on column credits.prices.active is 'False from this moment on: the operation is withdrawn';
comment on column credits.prices.created_at is 'When it was written down';

alter table credits.entries add column if not exists charge jsonb;
comment on column credits.entries.charge is
    'What a debit or a hold by items came to: {amount, pricedAt, lines: [{operation, quantity, unit, unitPrice, per, step, minimum, amount}]}; null where an amount was given';
comment on column credits.entries.clawed_back is
    'All that was taken back since payments were refunded or disputed, less what was given again, and what overruns took beyond what was there: bounds the debt';
comment on column credits.entries.debt is 'What is owed after the entry, at most clawed_back';

-- Which usages came of a hold, as which refunds came of a usage.
drop index if exists credits.entries_refunds;
create index if not exists entries_by_cause
    on credits.entries (account_id, kind, reference_id) where type in ('refund', 'usage') and reference_id is not null;

alter type credits.movement add attribute charge jsonb;
alter type credits.use_outcome add attribute charge jsonb;
alter type credits.guild_movement add attribute charge jsonb;
alter type credits.guild_use_outcome add attribute charge jsonb;

do $$
begin
    create type credits.priced as (amount numeric, charge jsonb, malformed bigint, unknown text);
exception when duplicate_object then null;
end
$$;
comment on type credits.priced is 'What a call moves, and the charge that it follows from where it was by items; or the place of the first item that is malformed, or the first operation that is unknown';

-- A part of a hold that is captured is no longer held; what is used at its end may be more than was left.
alter table credits.reservations
    add column if not exists captured numeric(15, 6) not null default 0,
    add column if not exists uncollected numeric(15, 6) not null default 0,
    drop constraint if exists reservations_hold_something,
    drop constraint if exists reservations_commit_something,
    drop constraint if exists reservations_of_guilds_count_on_a_day;
alter table credits.reservations
    add constraint reservations_hold_something check (
        amount >= 0 and captured >= 0 and amount + captured > 0 and committed_amount >= 0 and uncollected >= 0
    ),
    add constraint reservations_commit_something check (status = 'committed' or (committed_amount = 0 and uncollected = 0)),
    add constraint reservations_of_guilds_count_on_a_day check (kind = 'person' or spending_day is not null);
comment on column credits.reservations.amount is 'What is held, or was when it ended: what was reserved, less what was captured';
comment on column credits.reservations.captured is 'What was used of it in parts, each an entry of type usage, before its end';
comment on column credits.reservations.uncollected is 'What a commit asked for beyond the hold and did not get';
comment on column credits.reservations.spending_day is 'The local day whose limits the hold, and what is used of it, counts against';

alter table credits.service_caps
    add column if not exists max_overrun numeric(15, 6),
    add column if not exists default_hold_seconds integer,
    drop constraint if exists service_caps_never_negative,
    drop constraint if exists service_caps_know_their_operations;
alter table credits.service_caps
    add constraint service_caps_never_negative check (max_amount >= 0 and max_amount_per_day >= 0 and max_overrun >= 0),
    add constraint service_caps_hold_within_reason check (default_hold_seconds between 1 and 2592000),
    add constraint service_caps_know_their_operations check (
        operations <@ array[
            'init', 'use', 'use_guild', 'refund', 'grant', 'reserve', 'capture', 'commit', 'release', 'fund_guild', 'set_limits', 'gift',
            'redeem', 'erase', 'take', 'freeze'
        ]
    );
comment on column credits.service_caps.max_overrun is 'How far below zero a commit of this caller''s may leave an account; null means not at all';
comment on column credits.service_caps.default_hold_seconds is 'How long a hold of this caller''s lasts that names no time; null means 24 hours';
