create or replace view reconcile.clawbacks_off_ledger as
with posted as (
    select user_id, reference_id, -sum(amount) as amount
    from credits.transactions
    where type = 'clawback'
    group by user_id, reference_id
)
select
    coalesce(p.user_id, t.user_id) as account,
    format('clawed back for purchase %s', coalesce(p.id::text, t.reference_id)) as what,
    coalesce(p.clawed_back_credits, 0) as expected,
    coalesce(t.amount, 0) as actual,
    coalesce(t.amount, 0) - coalesce(p.clawed_back_credits, 0) as difference
from (select * from credits.purchases where clawed_back_credits <> 0) p
full join posted t on t.user_id = p.user_id and t.reference_id = p.id::text
where coalesce(p.clawed_back_credits, 0) <> coalesce(t.amount, 0)
union all
select b.user_id, 'clawed_back', coalesce(sum(t.amount), 0), b.clawed_back, b.clawed_back - coalesce(sum(t.amount), 0)
from credits.balances b
left join posted t on t.user_id = b.user_id
group by b.user_id, b.clawed_back
having b.clawed_back <> coalesce(sum(t.amount), 0);

comment on view reconcile.clawbacks_off_ledger is 'Purchases and balances whose clawed back credits are not what the ledger took back';
