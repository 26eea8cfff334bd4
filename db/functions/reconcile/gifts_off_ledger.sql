create or replace view reconcile.gifts_off_ledger as
with posted as (
    select
        reference_id,
        -sum(amount) filter (where amount < 0) as charged,
        sum(amount) filter (where reversal) as refunded,
        sum(amount) filter (where amount > 0 and not reversal) as received
    from credits.transactions
    where type = 'gift'
    group by reference_id
)
select
    coalesce(g.code, p.reference_id) as account,
    figures.what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from gifts.gift_codes g
full join posted p on p.reference_id = g.id::text
cross join lateral (
    values
    ('total_credits', coalesce(p.charged, 0), coalesce(g.total_credits, 0)),
    ('refunded_credits', coalesce(p.refunded, 0), coalesce(g.refunded_credits, 0)),
    ('credits claimed', coalesce(p.received, 0), coalesce(g.claimed_portions * g.credits_per_portion, 0))
) as figures (what, expected, actual)
where figures.expected <> figures.actual;

comment on view reconcile.gifts_off_ledger is 'Gifts whose charge, refund or redemptions are not in the ledgers of their people';
