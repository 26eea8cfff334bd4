create or replace view reconcile.payments_credited_twice as
with completed as materialized (
    select p.user_id, p.id, p.stripe_payment_intent_id
    from credits.purchases p
    where p.completed_at >= (select credits._verified_until())
)
select
    p.user_id::text as account,
    format('purchases credited for the payment of %s', p.id) as what,
    1::numeric as expected,
    count(*)::numeric as actual,
    count(*)::numeric - 1 as difference
from completed p
join credits.purchases c on c.stripe_payment_intent_id = p.stripe_payment_intent_id and c.status = 'completed'
group by p.user_id, p.id
having count(*) > 1;

comment on view reconcile.payments_credited_twice is 'Payments for which more than one purchase was credited';
