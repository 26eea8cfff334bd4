create or replace view reconcile.refunds_over_usage as
select
    r.account_id as account,
    format('refunds of %s', r.reference_id) as what,
    coalesce(-u.amount, 0) as expected,
    s.amount as actual,
    s.amount - coalesce(-u.amount, 0) as difference
from (
    select distinct e.account_id, e.kind, e.reference_id
    from credits.unverified_entries e
    where e.type = 'refund' and e.reference_id is not null
) r
cross join lateral (
    select sum(e.amount) as amount
    from credits.entries e
    where e.account_id = r.account_id and e.kind = r.kind and e.type = 'refund' and e.reference_id = r.reference_id
) s
left join lateral credits._facts_of(r.account_id, r.kind, credits._as_id(r.reference_id)) u on u.type = 'usage'
where s.amount > coalesce(-u.amount, 0);

comment on view reconcile.refunds_over_usage is 'Usages of which more was refunded than was used';
