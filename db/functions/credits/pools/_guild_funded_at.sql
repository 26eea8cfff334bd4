create or replace function credits._guild_funded_at(p_guild_id text, p_user_id text, p_amount numeric, p_from timestamptz)
returns timestamptz
language plpgsql stable
as $$
declare
    v_now constant timestamptz := credits._now();
    v_balance constant numeric := (select g.balance from credits.get_guild_balance(p_guild_id) g);
    v_windows record;
    v_at timestamptz;
begin
    select * into v_windows from credits.get_spending(p_guild_id, p_user_id);
    v_at := greatest(p_from, credits._passes_limits_at(
        p_guild_id, 'pool', p_user_id, '', p_amount,
        array[v_windows.daily_limit, v_windows.weekly_limit, v_windows.monthly_limit],
        array[v_windows.spent_today, v_windows.spent_this_week, v_windows.spent_this_month],
        array[v_windows.day_resets_at, v_windows.week_resets_at, v_windows.month_resets_at]
    ));
    if v_balance < p_amount then
        select greatest(v_at, min(h.at)) into v_at
        from (
            select r.expires_at as at, sum(r.amount) over (order by r.expires_at) as freed
            from credits.reservations r
            where r.account_id = p_guild_id and r.kind = 'pool' and r.status = 'held' and r.expires_at > v_now
        ) h
        where v_balance + h.freed >= p_amount
        having count(*) > 0;
    end if;
    return nullif(v_at, 'infinity');
end
$$;

comment on function credits._guild_funded_at(text, text, numeric, timestamptz) is
    'The earliest time from p_from on at which a pool has p_amount and the member''s limits leave it if nothing else happens; null when they never do';
