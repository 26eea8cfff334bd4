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
            m.at,
            coalesce(sum(h.amount), 0) as freed,
            coalesce(sum(h.amount) filter (where h.user_id = p_user_id and h.spending_day = credits._limits_day()), 0) as freed_today,
            coalesce(
                sum(h.amount) filter (
                    where h.user_id = p_user_id
                        and h.spending_day >= date_trunc('month', credits._limits_day()::timestamp)::date
                ), 0
            ) as freed_this_month
        from moments m
        left join holds h on h.expires_at <= m.at
        group by m.at
    )
    select min(f.at)
    from figures f
    cross join windows w
    cross join credits.get_guild_balance(p_guild_id) g
    where g.balance + f.freed >= p_amount
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
