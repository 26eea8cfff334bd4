create or replace view reconcile.broken_chains as
with chain as (
    select
        user_id as account,
        id,
        balance_before,
        balance_before + amount as after_by_amount,
        balance_after,
        created_at,
        sequence,
        row_number() over account as place,
        lag(balance_after, 1, 0::numeric) over account as before_by_chain,
        lag(created_at, 1, created_at) over account as created_at_before
    from credits.transactions
    window account as (partition by user_id order by id)
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
    ('sequence', c.place, c.sequence, c.sequence <> c.place),
    (
        'seconds of created_at',
        extract(epoch from c.created_at_before),
        extract(epoch from c.created_at),
        c.created_at < c.created_at_before
    )
) as figures (what, expected, actual, is_off)
where
    (
        c.balance_before <> c.before_by_chain
        or c.balance_after <> c.after_by_amount
        or c.sequence <> c.place
        or c.created_at < c.created_at_before
    )
    and figures.is_off
union all
select
    b.user_id,
    format('the end of the chain, %s', t.id),
    t.balance_after,
    b.balance + b.reserved,
    b.balance + b.reserved - t.balance_after
from credits.balances b
cross join lateral (
    select id, balance_after from credits.transactions where user_id = b.user_id order by id desc limit 1
) t
where b.last_transaction_id is distinct from t.id or b.balance + b.reserved <> t.balance_after;

comment on view reconcile.broken_chains is 'Personal ledger rows that do not continue the one before, in amount, in number or in time, that do not add up, and balances that are not where their chain ends';
