create or replace view reconcile.broken_pool_chains as
with chain as (
    select
        organization_id,
        id,
        balance_before,
        balance_after,
        lag(balance_after, 1, 0::numeric) over account as before_by_chain,
        lead(id) over account is null as is_last
    from credits.guild_transactions
    window account as (partition by organization_id order by id)
)
select
    organization_id as account,
    format('balance_before of %s', id) as what,
    before_by_chain as expected,
    balance_before as actual,
    balance_before - before_by_chain as difference
from chain
where balance_before <> before_by_chain
union all
select
    p.organization_id,
    format('the end of the chain, %s', c.id),
    c.balance_after,
    p.balance + p.reserved,
    p.balance + p.reserved - c.balance_after
from chain c
join credits.guild_pools p on p.organization_id = c.organization_id
where c.is_last and (p.last_transaction_id is distinct from c.id or p.balance + p.reserved <> c.balance_after);

comment on view reconcile.broken_pool_chains is 'Ledger rows of pools that do not continue the one before, and pools that are not where their chain ends';
