create or replace function credits._count_spending(
    p_user_id text, p_app_id text, p_now timestamptz, p_spending_day date, p_amount numeric
) returns date
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_limits record;
    v_before credits.spending;
    v_spending credits.spending;
    v_exceeded credits.exceeded;
    v_tightest credits.exceeded;
begin
    for v_limits in
        select
            l.app_id, l.daily_limit, l.weekly_limit, l.monthly_limit,
            row(l.running_day, l.spent_that_day, l.spent_that_week, l.spent_that_month)::credits.spending as before,
            coalesce(l.time_zone, t.zone) as time_zone, t.today, coalesce(p_spending_day, t.today) as day
        from credits.spending_limits l
        cross join lateral (
            select s.limits_time_zone as zone, (p_now at time zone s.limits_time_zone)::date as today
            from credits.settings s
        ) t
        where l.account_id = p_user_id and l.kind = 'person' and l.app_id in ('', p_app_id)
        order by l.app_id
    loop
        p_spending_day := v_limits.day;
        v_before := v_limits.before;
        if v_before.running_day is null then
            -- What comes back will be in the sum, once that is needed.
            continue when p_amount <= 0;
            v_before := credits._spending_of(
                p_user_id, 'person', p_user_id, v_limits.app_id, v_limits.today, v_limits.time_zone
            );
        end if;
        v_spending := credits._roll_on(
            v_before, greatest(v_before.running_day, v_limits.today), v_limits.day, p_amount
        );
        update credits.spending_limits l
        set
            running_day = v_spending.running_day,
            time_zone = v_limits.time_zone,
            spent_that_day = v_spending.today,
            spent_that_week = v_spending.this_week,
            spent_that_month = v_spending.this_month
        where l.account_id = p_user_id and l.kind = 'person' and l.app_id = v_limits.app_id;
        if p_amount > 0 and (
            v_limits.day <> v_spending.running_day or v_spending.today > v_limits.daily_limit
            or v_spending.this_week > v_limits.weekly_limit or v_spending.this_month > v_limits.monthly_limit
        ) then
            if v_limits.day <> v_spending.running_day then
                -- Of a day before, or the clock or the zone was ahead for a while.
                v_spending := credits._spending_of(
                    p_user_id, 'person', p_user_id, v_limits.app_id, v_limits.day, v_limits.time_zone
                );
            else
                v_spending := row(
                    v_limits.day, v_spending.today - p_amount, v_spending.this_week - p_amount,
                    v_spending.this_month - p_amount
                );
            end if;
            v_exceeded := credits._tightest(
                array_fill(case v_limits.app_id when '' then 'own' else 'app' end, array[3]),
                array[v_limits.daily_limit, v_limits.weekly_limit, v_limits.monthly_limit],
                v_spending, v_limits.day, p_amount
            );
            if v_tightest.scope is null
                or v_exceeded.window_limit - v_exceeded.window_spent < v_tightest.window_limit - v_tightest.window_spent
            then
                v_tightest := v_exceeded;
            end if;
        end if;
    end loop;
    if v_tightest.scope is not null then
        perform credits._refuse_over_limit(v_tightest, p_amount);
    end if;
    return p_spending_day;
end
$$;

comment on function credits._count_spending is
'Counts what a person uses, holds, or gets back (negative) against their own limits, for all apps and for this one. It
counts on p_spending_day or today. Returns that day, which the entry keeps. Raises UC003 for the tightest limit that it
exceeds. The caller holds the lock of the account; what is used or held is written afterwards';
