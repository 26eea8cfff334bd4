create or replace function credits._roll_on(p_before credits.spending, p_running date, p_day date, p_amount numeric)
returns credits.spending
language sql immutable
as $$
    select row(
        p_running,
        case when p_before.running_day = p_running then p_before.today else 0 end
        + case when p_day = p_running then p_amount else 0 end,
        case when p_before.running_day >= credits._week(p_running) then p_before.this_week else 0 end
        + case when credits._week(p_day) = credits._week(p_running) then p_amount else 0 end,
        case when p_before.running_day >= credits._month(p_running) then p_before.this_month else 0 end
        + case when credits._month(p_day) = credits._month(p_running) then p_amount else 0 end
    )::credits.spending
$$;

comment on function credits._roll_on is
'Moves what was spent on to p_running, which is no earlier. Adds p_amount to the day, week and month in which p_day
lies. Inlined where it is used';
