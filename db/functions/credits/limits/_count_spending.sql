create or replace function credits._count_spending(
    p_user_id text, p_app_id text, p_now timestamptz, p_spending_day date, p_amount numeric
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today constant date := credits._limits_day(p_now);
    v_day constant date := coalesce(p_spending_day, v_today);
    v_limits credits.spending_limits;
    v_before credits.spending;
    v_after credits.spending;
    v_exceeded credits.exceeded;
    v_tightest credits.exceeded;
begin
    for v_limits in
        select * from credits.spending_limits l
        where l.account_id = p_user_id and l.kind = 'person' and l.app_id in ('', coalesce(p_app_id, ''))
        order by l.app_id
    loop
        v_before := row(v_limits.running_day, v_limits.spent_that_day, v_limits.spent_that_week, v_limits.spent_that_month);
        if v_before.running_day > v_today then
            -- The clock or the zone was ahead for a while.
            v_before := credits._own_spending(p_user_id, v_limits.app_id, v_today);
        end if;
        v_after := credits._roll_on(v_before, v_today, v_day, p_amount);
        update credits.spending_limits l
        set
            running_day = v_after.running_day,
            spent_that_day = v_after.today,
            spent_that_week = v_after.this_week,
            spent_that_month = v_after.this_month
        where l.account_id = p_user_id and l.kind = 'person' and l.app_id = v_limits.app_id;
        if p_amount > 0 then
            if v_day <> v_today then
                v_before := credits._own_spending(p_user_id, v_limits.app_id, v_day);
            else
                v_before := credits._roll_on(v_before, v_today, v_day, 0);
            end if;
            v_exceeded := credits._tightest(
                array_fill(case v_limits.app_id when '' then 'own' else 'app' end, array[3]), v_limits.daily_limit, v_limits.weekly_limit,
                v_limits.monthly_limit, v_before, v_day, p_amount
            );
            if (v_exceeded.window_limit - v_exceeded.window_spent >= v_tightest.window_limit - v_tightest.window_spent) is not true
                and v_exceeded.scope is not null
            then
                v_tightest := v_exceeded;
            end if;
        end if;
    end loop;
    if v_tightest.scope is not null then
        perform credits._refuse_over_limit(v_tightest, p_amount);
    end if;
end
$$;

comment on function credits._count_spending(text, text, timestamptz, date, numeric) is
    'Counts what a person uses, holds, or gets back (negative) against their own limits, for all apps and for this one, on p_spending_day or today. Raises UC003 for the tightest limit that it exceeds. The caller holds the lock of the account';
