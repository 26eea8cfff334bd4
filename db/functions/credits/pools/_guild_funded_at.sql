create or replace function credits._guild_funded_at(p_guild_id text, p_user_id text, p_amount numeric, p_from timestamptz)
returns timestamptz
language sql stable
as $$
    with windows as (
        select * from credits._spending_windows(p_guild_id, p_user_id, credits._limits_day())
    ),
    holds as (
        select r.amount, r.expires_at, r.user_id, r.spending_day
        from credits.reservations r
        where r.account_id = p_guild_id
            and r.organization_id is not null
            and r.status = 'held'
            and r.expires_at > credits._now()
    ),
    moments as (
        select p_from as at
        union
        select greatest(p_from, w.day_resets_at) from windows w
        union
        select greatest(p_from, w.month_resets_at) from windows w
        union
        select h.expires_at from holds h where h.expires_at > p_from
    ),
    figures as (
        select
            s.at,
            s.counts,
            sum(s.amount) over moment as freed,
            sum(case when s.user_id = p_user_id and s.spending_day = today.day then s.amount else 0 end) over moment as freed_today,
            sum(
                case when s.user_id = p_user_id and s.spending_day >= date_trunc('month', today.day::timestamp)::date then s.amount else 0 end
            ) over moment as freed_this_month
        from (
            select h.expires_at as at, h.amount, h.user_id, h.spending_day, false as counts from holds h
            union all
            select m.at, 0, null, null, true from moments m
        ) s
        cross join (select credits._limits_day() as day) today
        window moment as (order by s.at)
    )
    select min(f.at)
    from figures f
    cross join windows w
    cross join credits.get_guild_balance(p_guild_id) g
    where f.counts
        and g.balance + f.freed >= p_amount
        and (
            w.daily_limit is null
            or p_amount + case when f.at < w.day_resets_at then w.spent_today - f.freed_today else 0 end <= w.daily_limit
        )
        and (
            w.monthly_limit is null
            or p_amount + case when f.at < w.month_resets_at then w.spent_this_month - f.freed_this_month else 0 end
                <= w.monthly_limit
        )
$$;

comment on function credits._guild_funded_at(text, text, numeric, timestamptz) is
    'The earliest time from p_from on at which a pool has p_amount and the member''s limits leave it if nothing else happens; null when they never do';
