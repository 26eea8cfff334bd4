create or replace function credits._roll_on(p_before credits.spending, p_today date, p_day date, p_amount numeric)
returns credits.spending
language plpgsql immutable
as $$
declare
    v_running constant date := greatest(p_before.running_day, p_today);
    v_week constant date := credits._week(v_running);
    v_month constant date := credits._month(v_running);
begin
    return row(
        v_running,
        case when p_before.running_day = v_running then p_before.today else 0 end + case when p_day = v_running then p_amount else 0 end,
        case when credits._week(p_before.running_day) = v_week then p_before.this_week else 0 end
        + case when credits._week(p_day) = v_week then p_amount else 0 end,
        case when credits._month(p_before.running_day) = v_month then p_before.this_month else 0 end
        + case when credits._month(p_day) = v_month then p_amount else 0 end
    )::credits.spending;
end
$$;

comment on function credits._roll_on(credits.spending, date, date, numeric) is
    'What was spent, moved on to today unless it is of a later day, with p_amount that counts on p_day: it moves those of day, week and month that p_day lies in';
