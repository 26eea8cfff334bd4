create or replace function credits._expired_at(p_user_id text, p_at timestamptz, p_last_row_at timestamptz, p_balance numeric)
returns numeric
language sql stable
as $$
    with since as (
        -- What had expired before the last ledger row went with it, but for what expired while that row was being written.
        select p_last_row_at - interval '1 hour' as at
    ),
    overdue as (
        select r.id
        from credits.reservations r
        cross join since s
        where r.account_id = p_user_id
            and r.organization_id is null
            and r.id >= credits._id_floor(s.at - interval '7 days')
            and r.id < credits._id_floor(p_at + interval '1 second')
            and r.expires_at <= p_at
            and (r.ended_at is null or r.ended_at > p_at)
    ),
    dated as (
        select
            d.expires_at,
            d.granted + coalesce(sum(m.amount), 0) as remaining
        from credits.dated_credits d
        cross join since s
        left join credits.dated_movements m
            on m.user_id = d.user_id
            and m.dated_id = d.id
            and m.created_at <= p_at
            -- Holds past their time had given back what they took.
            and m.cause_id not in (select o.id from overdue o)
        where d.user_id = p_user_id
            and d.created_at <= p_at
            and (
                d.expires_at > s.at
                or d.id in (
                    select t.dated_id
                    from credits.dated_movements t
                    where t.user_id = p_user_id and t.cause_id in (select o.id from overdue o)
                )
            )
        group by d.id, d.granted, d.expires_at
    )
    select coalesce(
        greatest(
            sum(d.remaining) filter (where d.expires_at <= p_at)
            -- A debt was repaid first, from what expired soonest.
            - greatest(sum(d.remaining) - greatest(p_balance, 0), 0),
            0
        ),
        0
    )
    from dated d
$$;

comment on function credits._expired_at(text, timestamptz, timestamptz, numeric) is
    'How much of a balance, p_balance by the ledger and the reservations open at p_at, had passed its date by then without a ledger row to say so yet';
