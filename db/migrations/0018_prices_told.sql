-- A hold names the entry that set it aside: its captures and its commit keep the prices that this entry told.
-- Each figure of a price has a rule of its own, which says what is wrong with it, and a unit is no longer empty.
-- The figures' rules are those before; prices never change, so one with an empty unit stays. The table is small.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid

set local role credits_owner;

alter table credits.reservations add column if not exists sequence bigint;
comment on column credits.reservations.sequence is
    'The entry of its account that set it aside, whose charge has the prices that captures and the commit keep';

-- Each by itself: Citus takes no constraint beside anything else.
alter table credits.prices drop constraint if exists prices_are_counted_in_units;
alter table credits.prices drop constraint if exists prices_text_length;
alter table credits.prices add constraint prices_text_length check (
    char_length(name) <= 200 and char_length(description) <= 1000 and char_length(category) <= 100 and char_length(app_id) <= 128
);
alter table credits.prices add constraint prices_are_counted_in_units check (
    unit <> '' and char_length(unit) <= 50 and unit !~ '[\u0001-\u001f\u007f-\u009f]'
) not valid;
alter table credits.prices add constraint prices_of_a_unit check (
    unit_price >= 0 and unit_price <= 999999999.999999 and scale(unit_price) <= 12
);
alter table credits.prices add constraint prices_are_per_some_units check (per > 0 and per <= 1000000000 and scale(per) <= 6);
alter table credits.prices add constraint prices_go_by_steps check (step > 0 and step <= 1000000000 and scale(step) <= 6);
alter table credits.prices add constraint prices_have_a_minimum check (
    minimum >= 0 and minimum <= 999999999.999999 and scale(minimum) <= 6
);
