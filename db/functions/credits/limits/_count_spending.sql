create or replace function credits._count_spending(
    p_user_id text, p_app_id text, p_now timestamptz, p_spending_day date, p_amount numeric
) returns date
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_zone constant text := (select s.limits_time_zone from credits.settings s);
    v_today constant date := (p_now at time zone v_zone)::date;
    v_day constant date := coalesce(p_spending_day, v_today);
    v_limits credits.spending_limits;
    v_spending credits.spending;
    v_exceeded credits.exceeded;
    v_tightest credits.exceeded;
begin
    for v_limits in
        select * from credits.spending_limits l
        where l.account_id = p_user_id and l.kind = 'person' and l.app_id in ('', coalesce(p_app_id, ''))
        order by l.app_id
    loop
        v_spending := row(v_limits.running_day, v_limits.spent_that_day, v_limits.spent_that_week, v_limits.spent_that_month);
        if v_limits.running_day is null then
            -- What comes back is in what is added up later.
            continue when p_amount <= 0;
            v_limits.time_zone := v_zone;
            v_spending := credits._own_spending(p_user_id, v_limits.app_id, v_today, v_zone);
        end if;
        v_spending := credits._roll_on(v_spending, v_today, v_day, p_amount);
        update credits.spending_limits l
        set
            running_day = v_spending.running_day,
            time_zone = v_limits.time_zone,
            spent_that_day = v_spending.today,
            spent_that_week = v_spending.this_week,
            spent_that_month = v_spending.this_month
        where l.account_id = p_user_id and l.kind = 'person' and l.app_id = v_limits.app_id;
        if p_amount > 0 then
            if v_day <> v_spending.running_day then
                -- Of a day before, or the clock or the zone was ahead for a while.
                v_spending := credits._roll_on(
                    credits._own_spending(p_user_id, v_limits.app_id, v_day, v_limits.time_zone), v_day, v_day, p_amount
                );
            end if;
            if v_spending.today > v_limits.daily_limit or v_spending.this_week > v_limits.weekly_limit
                or v_spending.this_month > v_limits.monthly_limit
            then
                v_exceeded := credits._tightest(
                    array_fill(case v_limits.app_id when '' then 'own' else 'app' end, array[3]), v_limits.daily_limit,
                    v_limits.weekly_limit, v_limits.monthly_limit,
                    credits._roll_on(v_spending, v_day, v_day, -p_amount), v_day, p_amount
                );
                if (v_exceeded.window_limit - v_exceeded.window_spent >= v_tightest.window_limit - v_tightest.window_spent) is not true then
                    v_tightest := v_exceeded;
                end if;
            end if;
        end if;
    end loop;
    if v_tightest.scope is not null then
        perform credits._refuse_over_limit(v_tightest, p_amount);
    end if;
    return v_day;
end
$$;

comment on function credits._count_spending(text, text, timestamptz, date, numeric) is
    'Counts what a person uses, holds, or gets back (negative) against their own limits, for all apps and for this one, on p_spending_day or today, and returns that day, which the entry has to say. '
    'Raises UC003 for the tightest limit that it exceeds. The caller holds the lock of the account; what is used or held is not written yet';
