create or replace view reconcile_new.clawbacks_off_ledger as
with clawed_back as (
    select t.user_id, t.reference_id, -sum(t.amount) as amount
    from (select distinct user_id from reconcile_new.transactions where type = 'clawback') a
    join credits.transactions t on t.user_id = a.user_id and t.type = 'clawback'
    group by t.user_id, t.reference_id
)
select
    c.user_id as account,
    format('clawed back for purchase %s', c.reference_id) as what,
    coalesce(p.clawed_back_credits, 0) as expected,
    c.amount as actual,
    c.amount - coalesce(p.clawed_back_credits, 0) as difference
from clawed_back c
left join credits.purchases p on p.user_id = c.user_id and p.id::text = c.reference_id
where c.amount <> coalesce(p.clawed_back_credits, 0)
union all
select c.user_id, 'clawed_back', sum(c.amount), b.clawed_back, b.clawed_back - sum(c.amount)
from clawed_back c
join credits.balances b on b.user_id = c.user_id
group by c.user_id, b.clawed_back
having b.clawed_back <> sum(c.amount);

comment on view reconcile_new.clawbacks_off_ledger is 'clawbacks_off_ledger, of accounts with a clawback since the last clean run';
