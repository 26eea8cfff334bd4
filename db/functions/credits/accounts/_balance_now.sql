create or replace function credits._balance_now(p_balance credits.balances)
returns table (
    user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric,
    transactions_count bigint, created_at timestamptz, updated_at timestamptz, expiring jsonb
)
language sql stable
rows 1
as $$
    with overdue as (
        select array_agg(r.id) as holds, coalesce(sum(r.amount), 0) as freed
        from credits.reservations r
        where r.account_id = (p_balance).user_id
            and r.organization_id is null
            and r.status = 'held'
            and r.expires_at <= credits._now()
    ),
    dated as (
        select d.expires_at, d.remaining as amount
        from credits.dated_credits d
        where d.user_id = (p_balance).user_id and d.remaining > 0
        union all
        select c.expires_at, c.amount
        from overdue o
        cross join lateral credits._coming_back((p_balance).user_id, (p_balance).balance, o.holds) c
    ),
    change as (
        select
            (select o.freed from overdue o) as freed,
            (select coalesce(sum(d.amount), 0) from dated d where d.expires_at <= credits._now()) as expired
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
                select d.expires_at, sum(d.amount) as amount
                from dated d
                where d.expires_at > credits._now() and d.amount > 0
                group by d.expires_at
            ) e
        )
    from change c
$$;

comment on function credits._balance_now(credits.balances) is
    'A balance with holds or dated credits as of this moment: what _settle_balance would make of it, without writing';
