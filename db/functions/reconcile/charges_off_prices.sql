create or replace view reconcile.charges_off_prices as
with charged as (
    select
        e.account_id, e.kind, e.sequence, e.charge, (e.charge ->> 'pricedAt')::timestamptz as priced_at, (e.charge ->> 'amount')::numeric as charged,
        case e.type
            when 'usage' then -e.amount + coalesce((e.charge ->> 'uncollected')::numeric, 0)
            else (
                select r.amount + r.captured
                from credits.reservations r
                where r.account_id = e.account_id and r.kind = e.kind and r.id = credits._as_id(e.reference_id)
            )
        end as moved
    from credits.unverified_entries e
    where e.charge is not null
),
lines as (
    select
        c.account_id, c.sequence, c.priced_at, l.operation, l.amount, l."unitPrice" as unit_price, l.per, l.step, l.minimum,
        greatest(
            l.minimum,
            (div(l.quantity, l.step) + case when l.quantity % l.step > 0 then 1 else 0 end) * l.step * l."unitPrice" * 1::numeric(61, 60) / l.per
        ) as costs
    from charged c
    cross join lateral jsonb_to_recordset(c.charge -> 'lines') as l (
        operation text, quantity numeric, "unitPrice" numeric, per numeric, step numeric, minimum numeric, amount numeric
    )
)
select
    c.account_id as account, format('charge of entry %s', c.sequence) as what, c.charged as expected, c.moved as actual,
    c.moved - c.charged as difference
from charged c
where c.moved is distinct from c.charged
union all
select c.account_id, format('lines of entry %s', c.sequence), s.costs, c.charged, c.charged - s.costs
from charged c
left join lateral (
    select ceil(round(sum(l.costs), 50) * 1000000) * 0.000001 as costs
    from lines l
    where l.account_id = c.account_id and l.sequence = c.sequence
) s on true
where s.costs is distinct from c.charged
union all
select l.account_id, format('price of %s in entry %s', l.operation, l.sequence), null, l.unit_price, null
from lines l
where not exists (
        select from credits.prices o
        where o.operation = l.operation
            and o.valid_from <= l.priced_at
            and o.active
            and (o.unit_price, o.per, o.step, o.minimum) = (l.unit_price, l.per, l.step, l.minimum)
            and not exists (
                select from credits.prices n
                where n.operation = o.operation
                    and n.valid_from > o.valid_from
                    and n.valid_from <= l.priced_at
                    -- Until its transaction is over nobody sees a price.
                    and n.created_at < l.priced_at - interval '1 minute'
            )
    );

comment on view reconcile.charges_off_prices is
    'Charges that are not what their entry moved, that do not follow from their lines, and lines that do not follow from the price of their moment';
