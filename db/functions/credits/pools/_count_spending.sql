create or replace function credits._count_spending(
    p_organization_id text, p_user_id text, p_day date, p_amount numeric, p_limited boolean
) returns void
language plpgsql
as $$
declare
    v_today numeric;
    v_daily_limit numeric;
    v_monthly_limit numeric;
    v_this_month numeric;
begin
    update credits.guild_member_spending s
    set spent = s.spent + p_amount
    where s.organization_id = p_organization_id and s.user_id = p_user_id and s.day = p_day
    returning s.spent + s.reserved
    into v_today;
    -- A refund has a count to take it from, or is of nothing that was counted.
    if not found and p_amount > 0 then
        insert into credits.guild_member_spending (organization_id, user_id, day, spent)
        values (p_organization_id, p_user_id, p_day, p_amount);
        v_today := p_amount;
    end if;
    -- What was reserved was counted, and allowed, then; what comes back is always welcome.
    if p_limited then
        select l.daily_limit, l.monthly_limit, case when l.monthly_limit is not null then (
            select used.this_month from credits._member_spending(p_organization_id, p_user_id, p_day) used
        ) end
        into v_daily_limit, v_monthly_limit, v_this_month
        from credits.guild_spending_limits l
        where l.organization_id = p_organization_id and l.user_id = p_user_id;
        -- Holds past their time are counted here; _check_limits looks closer.
        if v_daily_limit < v_today or v_monthly_limit < v_this_month then
            perform credits._check_limits(p_organization_id, p_user_id, p_day, p_amount);
        end if;
    end if;
end
$$;

comment on function credits._count_spending(text, text, date, numeric, boolean) is
    'Counts what a member has used of a pool (or given back: negative) on a local day and, if p_limited, raises UC003 beyond a limit. '
    'The caller holds the lock of the pool';
