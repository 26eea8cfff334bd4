create or replace function credits._running_figures(
    p_organization_id text, p_user_id text, p_now timestamptz, p_spending_day date, p_type credits.entry_type,
    p_needed numeric
) returns credits.running_figures
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today date;
    v_day date;
    v_before credits.spending;
    v_spent credits.spending;
    v_limits record;
    v_running credits.running_figures;
begin
    if p_user_id is null then
        return v_running;
    end if;
    select t.today, case when p_type <> 'funding' then coalesce(p_spending_day, t.today) end into v_today, v_day
    from (select (p_now at time zone s.limits_time_zone)::date as today from credits.settings s) t;
    v_before := credits._member_figures(p_organization_id, p_user_id);
    if v_before.running_day is null then
        insert into credits.members (user_id, organization_id)
        values (p_user_id, p_organization_id)
        on conflict do nothing;
        -- Whoever was blocked when they were erased is blocked again, unless the guild has set limits since. A trigger
        -- would not do: the pool may lie elsewhere than the member.
        if found and credits._is_blocked_again(p_organization_id, p_user_id) then
            insert into credits.guild_spending_limits (organization_id, user_id, daily_limit)
            values (p_organization_id, p_user_id, 0)
            on conflict do nothing;
        end if;
    end if;
    if v_before.running_day = v_today and v_day = v_today then
        v_spent := row(
            v_today, v_before.today + p_needed, v_before.this_week + p_needed, v_before.this_month + p_needed
        );
    else
        v_spent := credits._roll_on(v_before, greatest(v_before.running_day, v_today), v_day, p_needed);
    end if;
    v_running := row(v_day, v_spent.running_day, v_spent.today, v_spent.this_month, v_spent.this_week, null);
    -- What was held was allowed, and counted, then; what comes back is always welcome.
    if p_needed > 0 and p_type in ('usage', 'hold') then
        v_limits := credits._limits_of_member(p_organization_id, p_user_id, p_now);
        if v_limits.scopes is not null and (v_day <> v_today or v_spent.running_day > v_today) then
            v_spent := credits._roll_on(
                credits._member_spending(p_organization_id, p_user_id, v_day), v_day, v_day, p_needed
            );
        end if;
        if v_spent.today > v_limits.most[1] or v_spent.this_week > v_limits.most[2]
            or v_spent.this_month > v_limits.most[3]
        then
            v_running.exceeded := credits._tightest(
                v_limits.scopes, v_limits.most,
                row(v_day, v_spent.today - p_needed, v_spent.this_week - p_needed, v_spent.this_month - p_needed),
                v_day, p_needed
            );
        end if;
    end if;
    return v_running;
end
$$;

comment on function credits._running_figures is
'What the next entry of a pool says of its member: the running figures, and a limit that it exceeds. p_needed is what
it takes of the available credits. All null for an entry without a member, as the predecessor''s pools are brought. The
caller holds the lock of the pool';
