create or replace function credits._tightest(
    p_scopes text[], p_daily numeric, p_weekly numeric, p_monthly numeric, p_spent credits.spending, p_day date, p_amount numeric
) returns credits.exceeded
language plpgsql immutable
as $$
declare
    v_exceeded credits.exceeded;
begin
    select p_scopes[w.place], w.name, w.most, w.spent, p_day into v_exceeded
    from (
        values
        ('daily', p_daily, p_spent.today, 1), ('weekly', p_weekly, p_spent.this_week, 2), ('monthly', p_monthly, p_spent.this_month, 3)
    ) as w (name, most, spent, place)
    where w.spent + p_amount > w.most
    order by w.most - w.spent, w.place
    limit 1;
    return v_exceeded;
end
$$;

comment on function credits._tightest is
    'The limit with the least left of those that p_amount would exceed, after what was spent before; all null if none';
