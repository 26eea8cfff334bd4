create or replace view reconcile.credits_not_conserved as
with entered as (
    -- What came in from outside less what left for good; movements between accounts of ours cancel out.
    select
        case when (select credits._reconciliation_is_full()) then 0 else coalesce(
            (select r.credits_held from credits.reconciliations r where r.clean order by r.id desc limit 1), 0
        ) end
        + coalesce((
            select sum(e.amount) from credits.unverified_entries e where e.type not in ('gift', 'guild_funding', 'funding')
        ), 0) as credits
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

comment on view reconcile.credits_not_conserved is
    'Credits that were made or lost inside: all that came in, less all that was used, must lie in balances, pools, '
    'gifts and reservations';
