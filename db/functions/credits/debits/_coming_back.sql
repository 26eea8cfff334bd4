create or replace function credits._coming_back(p_user_id text, p_balance numeric, p_holds uuid[])
returns table (hold_id uuid, dated_id uuid, expires_at timestamptz, amount numeric)
language sql stable
rows 10
as $$
    with held as (
        select
            r.id,
            -- What is left of it when it has repaid what is still owed then.
            r.amount - greatest(
                r.amount - sum(r.amount) over (order by r.expires_at, r.id) - p_balance, 0
            ) as kept
        from credits.reservations r
        where r.account_id = p_user_id and r.id = any (p_holds)
    )
    select
        h.id,
        d.id,
        d.expires_at,
        -- A debt is repaid first from what is undated, then from what expires soonest.
        greatest(
            least(-m.amount, h.kept - m.amount + sum(m.amount) over (partition by h.id order by d.expires_at desc, d.id desc)),
            0
        )
    from held h
    join credits.dated_movements m on m.user_id = p_user_id and m.cause_id = h.id and m.amount < 0
    join credits.dated_credits d on d.user_id = m.user_id and d.id = m.dated_id
$$;

comment on function credits._coming_back(text, numeric, uuid[]) is
    'What holds of a user give back to dated credits when they end by time, one after the other, and the balance is p_balance before: '
    'what _settle_balance makes of them, a debt being repaid first';
