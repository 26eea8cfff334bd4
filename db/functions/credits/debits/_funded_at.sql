create or replace function credits._funded_at(p_user_id text, p_amount numeric, p_from timestamptz) returns timestamptz
language sql stable
as $$
    with account as (
        select g.balance, g.expiring from credits.get_balance(p_user_id) g
    ),
    holds as (
        select r.id, r.amount, r.expires_at
        from credits.reservations r
        where r.account_id = p_user_id
            and r.organization_id is null
            and r.status = 'held'
            and r.expires_at > credits._now()
    ),
    -- What will be there at a time comes back with its hold, and leaves at its date.
    changes as (
        select h.expires_at as at, h.amount from holds h
        union all
        select e."expiresAt", -e.amount
        from account a
        cross join lateral jsonb_to_recordset(a.expiring) as e (amount numeric, "expiresAt" timestamptz)
        union all
        select greatest(h.expires_at, c.expires_at), -c.amount
        from account a
        cross join lateral credits._coming_back(p_user_id, a.balance, array(select held.id from holds held)) c
        join holds h on h.id = c.hold_id
    ),
    moments as (
        select p_from as at
        union
        select h.expires_at from holds h where h.expires_at > p_from
    ),
    running as (
        select s.at, s.counts, sum(s.amount) over (order by s.at) as total
        from (
            select c.at, c.amount, false as counts from changes c
            union all
            select m.at, 0, true from moments m
        ) s
    )
    select min(r.at)
    from running r
    cross join account a
    where r.counts and a.balance + r.total >= p_amount
$$;

comment on function credits._funded_at(text, numeric, timestamptz) is
    'The earliest time from p_from on at which a balance has p_amount if nothing else happens; null when it never has';
