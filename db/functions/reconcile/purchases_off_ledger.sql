create or replace view reconcile.purchases_off_ledger as
select
    coalesce(p.user_id, t.user_id) as account,
    format('purchase %s', coalesce(p.id::text, t.reference_id)) as what,
    coalesce(p.credits, 0) as expected,
    coalesce(t.amount, 0) as actual,
    coalesce(t.amount, 0) - coalesce(p.credits, 0) as difference
from (select * from credits.purchases where status = 'completed') p
full join (select * from credits.transactions where type = 'purchase') t
    on t.user_id = p.user_id and t.reference_id = p.id::text
where coalesce(p.credits, 0) <> coalesce(t.amount, 0) or p.transaction_id is distinct from t.id;

comment on view reconcile.purchases_off_ledger is 'Completed purchases that were not credited, and credited ones that were not completed';
