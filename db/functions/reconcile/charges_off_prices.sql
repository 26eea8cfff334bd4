create or replace view reconcile.charges_off_prices as
select c.account_id as account, f.what, f.expected, f.actual, f.actual - f.expected as difference
from (
    select
        e.account_id, e.kind, e.sequence, e.type, e.amount, e.reference_id, e.charge -> 'lines' as lines,
        (e.charge ->> 'pricedAt')::timestamptz as priced_at, (e.charge ->> 'amount')::numeric as charged,
        coalesce((e.charge ->> 'uncollected')::numeric, 0) as uncollected
    from credits.unverified_entries e
    where e.charge is not null
) c
cross join lateral credits._costs_of(c.lines, c.priced_at) s
cross join lateral (
    values
    (
        format('charge of entry %s', c.sequence), c.charged,
        case when c.type = 'usage' then -c.amount + c.uncollected else (
            select r.amount + r.captured
            from credits.reservations r
            where r.account_id = c.account_id and r.kind = c.kind and r.id = credits._as_id(c.reference_id)
                and coalesce(r.sequence, c.sequence) = c.sequence
        ) end
    ),
    (format('lines of entry %s', c.sequence), s.costs, c.charged),
    (format('prices of entry %s', c.sequence), 0::numeric, s.off)
) as f (what, expected, actual)
where f.actual is distinct from f.expected;

comment on view reconcile.charges_off_prices is
    'Charges that are not what their entry moved, or that do not follow from their lines. And the number of lines '
    'that do not follow from the price of their moment';
