create or replace function credits._guild_funded_at(p_guild_id text, p_user_id text, p_amount numeric, p_from timestamptz)
returns timestamptz
language plpgsql stable
as $$
declare
    v_day constant date := credits._limits_day();
    v_balance constant numeric := (select g.balance from credits.get_guild_balance(p_guild_id) g);
    v_windows record;
begin
    select * into v_windows from credits.get_spending(p_guild_id, p_user_id);
    return (
        with holds as (
            select
                r.expires_at as at,
                r.amount,
                case when r.user_id = p_user_id and r.spending_day = v_day then r.amount else 0 end as of_today,
                case when r.user_id = p_user_id and credits._month(r.spending_day) = credits._month(v_day) then r.amount else 0 end as of_this_month
            from credits.reservations r
            where r.account_id = p_guild_id and r.kind = 'pool' and r.status = 'held' and r.expires_at > credits._now()
        ),
        figures as (
            select s.at, s.counts, sum(s.amount) over moment as freed, sum(s.of_today) over moment as freed_today, sum(s.of_this_month) over moment as freed_this_month
            from (
                select h.*, false as counts from holds h
                union all
                select m.at, 0, 0, 0, true
                from (
                    select greatest(p_from, w.at) as at from unnest(array[p_from, v_windows.day_resets_at, v_windows.month_resets_at]) w (at)
                    union
                    select h.at from holds h where h.at > p_from
                ) m
            ) s
            window moment as (order by s.at)
        )
        select min(f.at)
        from figures f
        where f.counts
            and v_balance + f.freed >= p_amount
            and (
                v_windows.daily_limit is null
                or p_amount + case when f.at < v_windows.day_resets_at then v_windows.spent_today - f.freed_today else 0 end
                    <= v_windows.daily_limit
            )
            and (
                v_windows.monthly_limit is null
                or p_amount + case when f.at < v_windows.month_resets_at then v_windows.spent_this_month - f.freed_this_month else 0 end
                    <= v_windows.monthly_limit
            )
    );
end
$$;

comment on function credits._guild_funded_at(text, text, numeric, timestamptz) is
    'The earliest time from p_from on at which a pool has p_amount and the member''s limits leave it if nothing else happens; null when they never do';
