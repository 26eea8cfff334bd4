create or replace function credits._coming_back(p_last credits.entries, p_until timestamptz)
returns table (freed_at timestamptz, ends_at timestamptz, amount numeric)
language plpgsql stable
rows 10
as $$
begin
    return query
    with held as (
        select
            r.id,
            r.expires_at,
            -- What is left of it when it has repaid what is still owed then.
            r.amount - greatest(
                r.amount - sum(r.amount) over (order by r.expires_at, r.id) - (p_last.available - p_last.debt), 0
            ) as kept
        from credits.reservations r
        where r.account_id = p_last.account_id and r.kind = 'person' and r.status = 'held' and r.expires_at <= p_until
    ),
    taken as (
        select h.id, h.expires_at as freed_at, h.kept, m.lot_id, l.expires_at as ends_at, -sum(m.amount) as amount
        from held h
        join credits.lot_movements m on m.account_id = p_last.account_id and m.cause_id = h.id
        join credits.lots l on l.account_id = p_last.account_id and l.id = m.lot_id
        group by h.id, h.expires_at, h.kept, m.lot_id, l.expires_at
        having sum(m.amount) < 0
    )
    select
        t.freed_at,
        t.ends_at,
        -- A debt is repaid first from what is undated, then from what expires soonest.
        greatest(
            least(
                t.amount,
                t.kept + t.amount - sum(t.amount) over (partition by t.id order by t.ends_at desc, t.lot_id desc)
            ),
            0
        )
    from taken t;
end
$$;

comment on function credits._coming_back is
'What holds of a person that end until p_until give back to lots, one after the other, if nothing is written after
p_last: what _settle makes of them, a debt being repaid first';
