create or replace function credits._balance_now(p_balance credits.balances)
returns table (
    user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric,
    transactions_count bigint, created_at timestamptz, updated_at timestamptz, expiring jsonb
)
language sql stable
as $$
    with overdue as (
        select r.id, r.amount
        from credits.reservations r
        where r.account_id = (p_balance).user_id
            and r.organization_id is null
            and r.status = 'held'
            and r.expires_at <= credits._now()
    ),
    -- What is left of each dated credit once the holds past their time have given back what they took.
    dated as (
        select
            d.id,
            d.expires_at,
            d.remaining + coalesce((
                select -sum(m.amount)
                from credits.dated_movements m
                where m.user_id = d.user_id and m.dated_id = d.id and m.cause_id in (select o.id from overdue o)
            ), 0) as remaining
        from credits.dated_credits d
        where d.user_id = (p_balance).user_id
            and d.id in (
                select open.id from credits.dated_credits open
                where open.user_id = (p_balance).user_id and open.remaining > 0
                union
                select m.dated_id from credits.dated_movements m
                where m.user_id = (p_balance).user_id and m.cause_id in (select o.id from overdue o)
            )
    ),
    -- A debt is repaid first, from what expires soonest.
    kept as (
        select
            d.expires_at,
            d.remaining - least(
                d.remaining,
                greatest(e.excess - sum(d.remaining) over (order by d.expires_at, d.id) + d.remaining, 0)
            ) as remaining
        from dated d
        cross join (
            select
                (select sum(a.remaining) from dated a)
                - greatest((p_balance).balance + (select coalesce(sum(o.amount), 0) from overdue o), 0) as excess
        ) e
    ),
    change as (
        select
            (select coalesce(sum(o.amount), 0) from overdue o) as freed,
            (select coalesce(sum(k.remaining), 0) from kept k where k.expires_at <= credits._now()) as expired
    )
    select
        (p_balance).user_id::text,
        (p_balance).balance + c.freed - c.expired,
        (p_balance).total_earned,
        (p_balance).total_spent + c.expired,
        (p_balance).reserved - c.freed,
        (p_balance).version,
        (p_balance).created_at,
        (p_balance).updated_at,
        (
            select jsonb_agg(
                jsonb_build_object(
                    'amount', trim_scale(e.amount),
                    'expiresAt', to_char(e.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                )
                order by e.expires_at
            )
            from (
                select k.expires_at, sum(k.remaining) as amount
                from kept k
                where k.expires_at > credits._now() and k.remaining > 0
                group by k.expires_at
            ) e
        )
    from change c
$$;

comment on function credits._balance_now(credits.balances) is
    'A balance with holds or dated credits as of this moment: what _settle_balance would make of it, without writing';
