create or replace view reconcile.gifts_off_redemptions as
with redeemed as (
    select code, count(*) as portions, sum(credits_received) as credits
    from gifts.gift_redemptions
    where status = 'success'
    group by code
)
select
    coalesce(g.code, r.code) as account,
    figures.what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from gifts.gift_codes g
full join redeemed r on r.code = g.code
cross join lateral (
    values
    ('claimed_portions', coalesce(r.portions, 0), coalesce(g.claimed_portions, 0)),
    ('credits claimed', coalesce(r.credits, 0), coalesce(g.claimed_portions * g.credits_per_portion, 0))
) as figures (what, expected, actual)
where figures.expected <> figures.actual;

comment on view reconcile.gifts_off_redemptions is 'Gifts whose claimed portions are not their successful redemptions';
