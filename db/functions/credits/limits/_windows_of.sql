create or replace function credits._windows_of(
    p_account_id text, p_kind credits.account_kind, p_user_id text, p_from timestamptz default null
) returns table (app_id text, most numeric[], spent numeric[], resets_at timestamptz[])
language plpgsql stable
rows 10
as $$
declare
    v_now constant timestamptz := credits._now();
    v_zone constant text := (select s.limits_time_zone from credits.settings s);
    v_day constant date := (v_now at time zone v_zone)::date;
    v_apps text[] := array[''];
    v_app text;
    v_limits credits.spending_limits;
    v_counted_zone text;
    v_counted jsonb;
    v_spent credits.spending;
    v_hold record;
begin
    resets_at := array[
        credits._window_end('daily', v_day, v_zone),
        credits._window_end('weekly', v_day, v_zone),
        credits._window_end('monthly', v_day, v_zone)
    ];
    if p_kind = 'person' then
        v_apps := v_apps || array(
            select l.app_id
            from credits.spending_limits l
            where l.account_id = p_account_id and l.kind = 'person' and l.app_id <> ''
            order by l.app_id
        );
    end if;
    foreach v_app in array v_apps loop
        app_id := nullif(v_app, '');
        if p_kind = 'pool' then
            select m.most into most
            from credits._limits_of_member(p_account_id, p_user_id, coalesce(p_from, v_now)) m;
            if credits._is_blocked_again(p_account_id, p_user_id) then
                most[1] := 0;
            end if;
            v_spent := credits._member_spending(p_account_id, p_user_id, v_day);
        else
            select * into v_limits
            from credits.spending_limits l
            where l.account_id = p_account_id and l.kind = 'person' and l.app_id = v_app;
            most := array[v_limits.daily_limit, v_limits.weekly_limit, v_limits.monthly_limit];
            if v_limits.running_day <= v_day then
                v_spent := row(
                    v_limits.running_day, v_limits.spent_that_day, v_limits.spent_that_week, v_limits.spent_that_month
                );
                v_spent := credits._roll_on(v_spent, v_day, v_day, 0);
            else
                -- Not counted yet, or the clock or the zone was ahead for a while. One pass is for all apps.
                if v_counted_zone is distinct from coalesce(v_limits.time_zone, v_zone) then
                    v_counted_zone := coalesce(v_limits.time_zone, v_zone);
                    select jsonb_object_agg(s.app_id, s) into v_counted
                    from credits._spending_by_app(p_account_id, 'person', p_user_id, v_day, v_counted_zone) s
                    where s.app_id = any (v_apps);
                end if;
                v_spent := jsonb_populate_record(
                    row(v_day, 0, 0, 0)::credits.spending, coalesce(v_counted -> v_app, '{}')
                );
            end if;
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
                and v_app in ('', r.app_id)
        loop
            v_spent := credits._roll_on(v_spent, v_day, v_hold.spending_day, -v_hold.amount);
        end loop;
        spent := array[v_spent.today, v_spent.this_week, v_spent.this_month];
        return next;
    end loop;
end
$$;

comment on function credits._windows_of is
'The limits of a person, or of a member of a pool, as arrays of day, ISO week and month. Beside them what is used or
held in each, and when the next one begins. A person has a row for all apps (app_id is null), even without limits, and
one for each app that has some. A member has one row, of the limits now or at p_from';
