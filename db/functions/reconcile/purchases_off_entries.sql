create or replace view reconcile.purchases_off_entries as
select
    p.user_id::text as account,
    format('purchase %s', p.id) as what,
    p.credits as expected,
    coalesce(e.amount, 0) as actual,
    coalesce(e.amount, 0) - p.credits as difference
from credits.purchases p
left join credits.entries e
    on e.account_id = p.user_id and e.kind = 'person' and e.type = 'purchase' and e.reference_id = p.id::text
where p.completed_at >= (select credits._verified_until())
    and (e.id, e.amount) is distinct from (p.transaction_id, p.credits)
    -- Bought before the account was brought from the predecessor.
    and not exists (
        select from credits._of_id(p.user_id, 'person', p.transaction_id) o
        where o.type = 'grant' and o.reference_id = 'opening' and o.created_at >= p.completed_at
    )
union all
select a.account_id, 'clawed_back', coalesce(p.clawed_back, 0), e.clawed_back, e.clawed_back - coalesce(p.clawed_back, 0)
from credits.unverified_accounts a
join credits.entries e on e.account_id = a.account_id and e.kind = a.kind and e.sequence = a.last_sequence
left join lateral (
    select sum(p.clawed_back_credits) as clawed_back from credits.purchases p where p.user_id = a.account_id
) p on true
where a.kind = 'person' and e.clawed_back <> coalesce(p.clawed_back, 0)
union all
select p.user_id, format('purchases credited for the payment of %s', p.id), 1, o.credited, o.credited - 1
from credits.purchases p
cross join lateral (
    select count(*) as credited
    from credits.purchases c
    where c.stripe_payment_intent_id = p.stripe_payment_intent_id and c.status = 'completed'
) o
where p.completed_at >= (select credits._verified_until()) and o.credited > 1;

comment on view reconcile.purchases_off_entries is
    'Completed purchases that were not credited, people of whom another amount was clawed back than their purchases say, '
    'and payments for which more than one purchase was credited';
