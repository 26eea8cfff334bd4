create or replace view reconcile_new.broken_pool_chains as
with accounts as materialized (
    select * from reconcile_new.pools
),
chain as (
    select
        a.organization_id as account,
        t.id,
        t.balance_before,
        t.balance_before + t.amount as after_by_amount,
        t.balance_after,
        t.created_at,
        lag(t.balance_after, 1, a.balance) over account as before_by_chain,
        lag(t.created_at, 1, t.created_at) over account as created_at_before
    from accounts a
    cross join lateral (
        select * from credits.guild_transactions
        where organization_id = a.organization_id and id > coalesce(a.verified_id, '00000000-0000-0000-0000-000000000000')
        -- Both conditions belong to one look into the key.
        offset 0
    ) t
    window account as (partition by a.organization_id order by t.id)
)
select
    c.account,
    format('%s of %s', figures.what, c.id) as what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from chain c
cross join lateral (
    values
    ('balance_before', c.before_by_chain, c.balance_before, c.balance_before <> c.before_by_chain),
    ('balance_after', c.after_by_amount, c.balance_after, c.balance_after <> c.after_by_amount),
    (
        'seconds of created_at',
        extract(epoch from c.created_at_before),
        extract(epoch from c.created_at),
        c.created_at < c.created_at_before
    )
) as figures (what, expected, actual, is_off)
where
    (c.balance_before <> c.before_by_chain or c.balance_after <> c.after_by_amount or c.created_at < c.created_at_before)
    and figures.is_off
union all
-- The end of every chain is looked at, whether its account moved or not.
select
    b.organization_id,
    format('the end of the chain, %s', t.id),
    t.balance_after,
    b.balance + b.reserved,
    b.balance + b.reserved - t.balance_after
from credits.guild_pools b
cross join lateral (
    select id, balance_after from credits.guild_transactions where organization_id = b.organization_id order by id desc limit 1
) t
where b.last_transaction_id is distinct from t.id or b.balance + b.reserved <> t.balance_after
union all
select
    a.organization_id,
    format('balance_after of %s, which was verified', t.id),
    a.balance,
    t.balance_after,
    t.balance_after - a.balance
from accounts a
join credits.guild_transactions t on t.organization_id = a.organization_id and t.id = a.verified_id
where t.balance_after <> a.balance;

comment on view reconcile_new.broken_pool_chains is 'broken_pool_chains, from the last verified row of each pool on, and the end of every chain';
