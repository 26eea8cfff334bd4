create or replace function credits._expired_at(p_user_id text, p_at timestamptz, p_last_row_at timestamptz, p_balance numeric)
returns numeric
language sql stable
as $$
    with since as (
        -- What had expired before the last ledger row went with it, but for what expired while that row was being written.
        select p_last_row_at - interval '1 hour' as at
    ),
    overdue as (
        select array_agg(r.id) as holds, sum(r.amount) as freed
        from since s
        cross join lateral credits._holds_between(p_user_id, s.at, p_at) r
        where r.expires_at <= p_at
            and (r.ended_at is null or r.ended_at > p_at)
    ),
    expired as (
        select
            d.granted + coalesce((
                select sum(m.amount)
                from credits.dated_movements m
                where m.user_id = d.user_id and m.dated_id = d.id and m.created_at <= p_at
            ), 0) as amount
        from credits.dated_credits d
        cross join since s
        where d.user_id = p_user_id and d.created_at <= p_at and d.expires_at > s.at and d.expires_at <= p_at
        union all
        select c.amount
        from overdue o
        cross join lateral credits._coming_back(p_user_id, p_balance - o.freed, o.holds) c
        where c.expires_at <= p_at
    )
    select coalesce(sum(e.amount), 0)
    from expired e
$$;

comment on function credits._expired_at(text, timestamptz, timestamptz, numeric) is
    'How much of a balance, p_balance by the ledger and the reservations open at p_at, had passed its date by then without a ledger row to say so yet';
