create or replace view reconcile_new.credits_not_conserved as
with entered as (
    select
        coalesce((select credits_held from credits.reconciliations where clean order by id desc limit 1), 0)
        + (select coalesce(sum(amount), 0) from reconcile_new.transactions where type not in ('gift', 'guild_funding'))
        + (select coalesce(sum(amount), 0) from reconcile_new.guild_transactions where type <> 'funding') as credits
)
select
    'everybody' as account,
    'credits in balances, pools, gifts and reservations' as what,
    e.credits as expected,
    h.total as actual,
    h.total - e.credits as difference
from entered e
cross join credits.holdings h
where e.credits <> h.total;

comment on view reconcile_new.credits_not_conserved is 'credits_not_conserved: what was held at the last clean run and what came in since, less what left';
