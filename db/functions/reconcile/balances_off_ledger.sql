create or replace view reconcile.balances_off_ledger as
with ledger as (
    select
        user_id,
        sum(amount) filter (where amount > 0 and not reversal) as earned,
        -sum(amount) filter (where amount < 0 or reversal) as spent,
        count(*) as rows
    from credits.transactions
    group by user_id
)
select
    coalesce(b.user_id, l.user_id) as account,
    figures.what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from credits.balances b
full join ledger l on l.user_id = b.user_id
cross join lateral (
    values
    ('total_earned', coalesce(l.earned, 0), coalesce(b.total_earned, 0)),
    ('total_spent', coalesce(l.spent, 0), coalesce(b.total_spent, 0)),
    ('version', coalesce(l.rows, 0), coalesce(b.version, 0)),
    ('balance', coalesce(b.total_earned - b.total_spent - b.reserved, 0), coalesce(b.balance, 0))
) as figures (what, expected, actual)
where figures.expected <> figures.actual;

comment on view reconcile.balances_off_ledger is 'Balances whose figures are not the sum of their ledger';
