create or replace function credits._running_figures(
    p_organization_id text, p_user_id text, p_now timestamptz, p_spending_day date, p_type credits.entry_type, p_needed numeric
) returns credits.running_figures
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today date;
    v_before record;
    v_limits record;
    v_spent_today numeric;
    v_spent_this_month numeric;
    v_running credits.running_figures;
begin
    if p_user_id is null then
        return v_running;
    end if;
    select (p_now at time zone s.limits_time_zone)::date into v_today from credits.settings s;
    select e.running_day, e.spent_that_day, e.spent_that_month into v_before
    from credits.entries e
    where e.account_id = p_organization_id and e.kind = 'pool' and e.other_id = p_user_id
    order by e.sequence desc
    limit 1;
    if not found then
        insert into credits.members (user_id, organization_id) values (p_user_id, p_organization_id) on conflict do nothing;
    end if;
    v_running.running_day := greatest(v_before.running_day, v_today);
    v_running.spent_that_day := case when v_before.running_day = v_running.running_day then v_before.spent_that_day else 0 end;
    v_running.spent_that_month := case
        when credits._month(v_before.running_day) = credits._month(v_running.running_day) then v_before.spent_that_month else 0
    end;
    if p_type = 'funding' then
        return v_running;
    end if;
    v_running.spending_day := coalesce(p_spending_day, v_today);
    if v_running.spending_day = v_running.running_day then
        v_running.spent_that_day := v_running.spent_that_day + p_needed;
    end if;
    if credits._month(v_running.spending_day) = credits._month(v_running.running_day) then
        v_running.spent_that_month := v_running.spent_that_month + p_needed;
    end if;
    -- What was held was allowed, and counted, then; what comes back is always welcome.
    if p_spending_day is null and p_type in ('usage', 'hold') then
        select l.daily_limit, l.monthly_limit into v_limits
        from credits.guild_spending_limits l
        where l.organization_id = p_organization_id and l.user_id = p_user_id;
        if found then
            v_spent_today := v_running.spent_that_day;
            v_spent_this_month := v_running.spent_that_month;
            if v_running.running_day > v_today then
                select s.today + p_needed, s.this_month + p_needed into v_spent_today, v_spent_this_month
                from credits._member_spending(p_organization_id, p_user_id, v_today) s;
            end if;
            if v_spent_today > v_limits.daily_limit then
                v_running.window_exceeded := 'daily';
                v_running.window_limit := v_limits.daily_limit;
                v_running.window_spent := v_spent_today - p_needed;
            elsif v_spent_this_month > v_limits.monthly_limit then
                v_running.window_exceeded := 'monthly';
                v_running.window_limit := v_limits.monthly_limit;
                v_running.window_spent := v_spent_this_month - p_needed;
            end if;
        end if;
    end if;
    return v_running;
end
$$;

comment on function credits._running_figures(text, text, timestamptz, date, credits.entry_type, numeric) is
    'What the next entry of a pool, by which p_needed leaves what is available, says of its member: the running figures, and the window of a limit that it exceeds; '
    'all null for an entry without a member, with which a pool was brought from the predecessor. '
    'The caller holds the lock of the pool';
