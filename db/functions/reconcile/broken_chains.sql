create or replace view reconcile.broken_chains as
with chain as (
    select
        user_id,
        id,
        balance_before,
        balance_after,
        lag(balance_after, 1, 0::numeric) over account as before_by_chain,
        lead(id) over account is null as is_last
    from credits.transactions
    window account as (partition by user_id order by id)
)
select
    user_id as account,
    format('balance_before of %s', id) as what,
    before_by_chain as expected,
    balance_before as actual,
    balance_before - before_by_chain as difference
from chain
where balance_before <> before_by_chain
union all
select
    b.user_id,
    format('the end of the chain, %s', c.id),
    c.balance_after,
    b.balance + b.reserved,
    b.balance + b.reserved - c.balance_after
from chain c
join credits.balances b on b.user_id = c.user_id
where c.is_last and (b.last_transaction_id is distinct from c.id or b.balance + b.reserved <> c.balance_after);

comment on view reconcile.broken_chains is 'Personal ledger rows that do not continue the one before, and balances that are not where their chain ends';
