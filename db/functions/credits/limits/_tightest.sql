create or replace function credits._tightest(
    p_scopes text[], p_most numeric[], p_spent credits.spending, p_day date, p_amount numeric
) returns credits.exceeded
language plpgsql immutable
as $$
declare
    v_exceeded credits.exceeded;
begin
    select p_scopes[w.place], ('{daily,weekly,monthly}'::text[])[w.place], w.most, w.spent, p_day into v_exceeded
    from unnest(p_most, array[p_spent.today, p_spent.this_week, p_spent.this_month])
        with ordinality as w (most, spent, place)
    where w.spent + p_amount > w.most
    order by w.most - w.spent, w.place
    limit 1;
    return v_exceeded;
end
$$;

comment on function credits._tightest is
    'Of the limits that p_amount exceeds after p_spent the one with the least left; all null if there is none';
