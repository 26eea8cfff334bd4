create or replace view reconcile.credits_not_conserved as
with flows as (
    -- What entered from outside less what left for good, by the ledgers; movements between accounts of ours cancel out.
    select
        (select coalesce(sum(amount), 0) from credits.transactions where type not in ('gift', 'guild_funding'))
        + (select coalesce(sum(amount), 0) from credits.guild_transactions where type <> 'funding') as entered,
        (select coalesce(sum(balance + reserved), 0) from credits.balances)
        + (select coalesce(sum(balance + reserved), 0) from credits.guild_pools)
        + (
            select coalesce(sum(credits_per_portion * (total_portions - claimed_portions)), 0)
            from gifts.gift_codes
            where status = 'active'
        ) as held
)
select
    'everybody' as account,
    'credits in balances, pools, gifts and reservations' as what,
    entered as expected,
    held as actual,
    held - entered as difference
from flows
where entered <> held;

comment on view reconcile.credits_not_conserved is
    'Not empty when credits were made or lost inside: all that came in, less all that was used, must lie in balances, pools, gifts and reservations';
