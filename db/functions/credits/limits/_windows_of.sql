create or replace function credits._windows_of(p_account_id text, p_kind credits.account_kind, p_user_id text)
returns table (app_id text, most numeric[], spent numeric[], remaining numeric[], resets_at timestamptz[])
language plpgsql stable
rows 10
as $$
declare
    v_now constant timestamptz := credits._now();
    v_day constant date := credits._limits_day(v_now);
    v_zone constant text := (select s.limits_time_zone from credits.settings s);
    v_limits record;
    v_spent credits.spending;
    v_hold record;
begin
    resets_at := array[
        credits._window_end('daily', v_day, v_zone),
        credits._window_end('weekly', v_day, v_zone),
        credits._window_end('monthly', v_day, v_zone)
    ];
    for v_limits in
        select a.app, l.*
        from (
            select '' as app
            union
            select s.app_id
            from credits.spending_limits s
            where s.account_id = p_account_id and s.kind = 'person' and p_kind = 'person'
        ) a
        left join credits.spending_limits l on l.account_id = p_account_id and l.kind = 'person' and l.app_id = a.app
        order by a.app
    loop
        app_id := nullif(v_limits.app, '');
        most := array[v_limits.daily_limit, v_limits.weekly_limit, v_limits.monthly_limit];
        if p_kind = 'pool' then
            select array[m.daily_limit, m.weekly_limit, m.monthly_limit] into most
            from credits._limits_of_member(p_account_id, p_user_id, v_now) m;
            v_spent := credits._member_spending(p_account_id, p_user_id, v_day);
        elsif v_limits.running_day <= v_day then
            select * into v_spent from credits._roll_on(
                row(
                    v_limits.running_day, v_limits.spent_that_day, v_limits.spent_that_week, v_limits.spent_that_month
                )::credits.spending, v_day, v_day, 0
            );
        else
            -- Not counted yet, or the clock or the zone was ahead for a while.
            v_spent := credits._spending_of(
                p_account_id, 'person', p_user_id, v_limits.app, v_day, coalesce(v_limits.time_zone, v_zone)
            );
        end if;
        -- Holds that are over no longer count, though nobody may have written it.
        for v_hold in
            select r.spending_day, r.amount
            from credits.reservations r
            where r.account_id = p_account_id
                and r.kind = p_kind
                and r.user_id = p_user_id
                and r.status = 'held'
                and r.expires_at <= v_now
                and v_limits.app in ('', r.app_id)
        loop
            select * into v_spent from credits._roll_on(v_spent, v_day, v_hold.spending_day, -v_hold.amount);
        end loop;
        spent := array[v_spent.today, v_spent.this_week, v_spent.this_month];
        remaining := array(
            select case when w.most is not null then greatest(w.most - w.spent, 0) end
            from unnest(most, spent) with ordinality as w (most, spent, place)
            order by w.place
        );
        return next;
    end loop;
end
$$;

comment on function credits._windows_of is
'The limits that hold for a person, or for a member of a pool, as arrays of day, ISO week and month. With what they have
used or hold in each, the rest, and when the next one begins. Of a person a row for all apps (null), with or without
limits, and one for each app that has some; of a member one row';
