create or replace view reconcile.charges_off_prices as
select e.account_id as account, f.what, f.expected, f.actual, f.actual - f.expected as difference
from credits.unverified_entries e
cross join lateral credits._costs_of(e.charge -> 'lines', (e.charge ->> 'pricedAt')::timestamptz) s
cross join lateral (
    values
    (
        format('charge of entry %s', e.sequence), (e.charge ->> 'amount')::numeric,
        case when e.type = 'usage' then coalesce((e.charge ->> 'uncollected')::numeric, 0) - e.amount else (
            select r.amount + r.captured
            from credits.reservations r
            where r.account_id = e.account_id and r.kind = e.kind and r.id = credits._as_id(e.reference_id)
                and coalesce(r.sequence, e.sequence) = e.sequence
        ) end
    ),
    (format('lines of entry %s', e.sequence), s.costs, (e.charge ->> 'amount')::numeric),
    (format('prices of entry %s', e.sequence), 0::numeric, s.off)
) as f (what, expected, actual)
where e.charge is not null and f.actual is distinct from f.expected;

comment on view reconcile.charges_off_prices is
'Charges that are not what their entry moved, or that do not follow from their lines. And the number of lines that do
not follow from the price of their moment';
