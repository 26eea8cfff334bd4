create or replace function credits._roll_on(p_before credits.spending, p_today date, p_day date, p_amount numeric)
returns setof credits.spending
language sql immutable
rows 1
as $$
    select
        d.running,
        case when p_before.running_day = d.running then p_before.today else 0 end
        + case when p_day = d.running then p_amount else 0 end,
        case when p_before.running_day >= credits._week(d.running) then p_before.this_week else 0 end
        + case when credits._week(p_day) = credits._week(d.running) then p_amount else 0 end,
        case when p_before.running_day >= credits._month(d.running) then p_before.this_month else 0 end
        + case when credits._month(p_day) = credits._month(d.running) then p_amount else 0 end
    from (select greatest(p_before.running_day, p_today) as running) d
$$;

comment on function credits._roll_on is
'Moves what was spent on to p_today, unless it is of a later day. Adds p_amount to the day, week and month in which
p_day lies. One row as a set, so that it is inlined into the statement that selects from it';
