create or replace view reconcile.credits_not_conserved as
with entered as (
    -- What came in from outside less what left for good, by the ledgers; movements between accounts of ours cancel out.
    select
        (select coalesce(sum(amount), 0) from credits.transactions where type not in ('gift', 'guild_funding'))
        + (select coalesce(sum(amount), 0) from credits.guild_transactions where type <> 'funding') as credits
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
    'Not empty when credits were made or lost inside: all that came in, less all that was used, must lie in balances, pools, gifts and reservations';
