create or replace function credits._passes_at(
    p_refusal text, p_user_id text, p_amount numeric, p_guild_id text, p_details jsonb
) returns timestamptz
language plpgsql stable
as $$
declare
    v_windows record;
    v_available numeric;
    v_funded_at timestamptz;
    v_at timestamptz := clock_timestamp();
begin
    if p_refusal = 'UC005' then
        return null;
    end if;
    if p_refusal = 'UC016' then
        if p_details ->> 'cap' <> 'max_amount_per_day' or p_amount > (p_details ->> 'limit')::numeric then
            return null;
        end if;
        v_at := (p_details ->> 'resetsAt')::timestamptz;
    end if;

    if p_guild_id is null then
        select g.balance into v_available from credits.get_balance(p_user_id) g;
    else
        select p.balance + coalesce(sum(r.amount), 0) into v_available
        from credits.guild_pools p
        left join credits.reservations r
            on r.account_id = p.organization_id
            and r.organization_id is not null
            and r.status = 'held'
            and r.expires_at <= clock_timestamp()
        where p.organization_id = p_guild_id
        group by p.balance;
        select * into v_windows from credits._spending_windows(p_guild_id, p_user_id, credits._limits_day());
        if p_amount > least(v_windows.daily_limit, v_windows.monthly_limit) then
            return null;
        end if;
        if v_windows.spent_today + p_amount > v_windows.daily_limit then
            v_at := greatest(v_at, v_windows.day_resets_at);
        end if;
        if v_windows.spent_this_month + p_amount > v_windows.monthly_limit then
            v_at := greatest(v_at, v_windows.month_resets_at);
        end if;
    end if;

    if v_available < p_amount then
        -- Enough once enough of the open holds have run out of time.
        select min(h.expires_at) into v_funded_at
        from (
            select r.expires_at, v_available + sum(r.amount) over (order by r.expires_at, r.id) as available
            from credits.reservations r
            where r.account_id = coalesce(p_guild_id, p_user_id)
                and (r.organization_id is not null) = (p_guild_id is not null)
                and r.status = 'held'
                and r.expires_at > clock_timestamp()
        ) h
        where h.available >= p_amount;
        if v_funded_at is null then
            return null;
        end if;
        v_at := greatest(v_at, v_funded_at);
    end if;
    return v_at;
end
$$;

comment on function credits._passes_at(text, text, numeric, text, jsonb) is
    'The earliest time at which a debit that is refused now would pass if nothing else happened: windows that begin anew and holds that run out; null when time alone does not help';
