create or replace view reconcile_new.purchases_off_ledger as
select
    coalesce(p.user_id, t.user_id) as account,
    format('purchase %s', coalesce(p.id::text, t.reference_id)) as what,
    coalesce(p.credits, 0) as expected,
    coalesce(t.amount, 0) as actual,
    coalesce(t.amount, 0) - coalesce(p.credits, 0) as difference
from (
    select p.*
    from reconcile_new.accounts a
    join credits.purchases p on p.user_id = a.user_id
    where p.status = 'completed' and (a.verified_id is null or p.transaction_id > a.verified_id)
) p
full join (select * from reconcile_new.transactions where type = 'purchase') t
    on t.user_id = p.user_id and t.reference = p.id
where coalesce(p.credits, 0) <> coalesce(t.amount, 0) or p.transaction_id is distinct from t.id;

comment on view reconcile_new.purchases_off_ledger is 'purchases_off_ledger, of what was credited since the last clean run';
