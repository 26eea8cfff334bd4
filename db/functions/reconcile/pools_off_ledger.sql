create or replace view reconcile.pools_off_ledger as
with ledger as (
    select
        organization_id,
        sum(amount) filter (where amount > 0 and not reversal) as funded,
        -sum(amount) filter (where amount < 0 or reversal) as spent,
        count(*) as rows
    from credits.guild_transactions
    group by organization_id
)
select
    coalesce(p.organization_id, l.organization_id) as account,
    figures.what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from credits.guild_pools p
full join ledger l on l.organization_id = p.organization_id
cross join lateral (
    values
    ('total_funded', coalesce(l.funded, 0), coalesce(p.total_funded, 0)),
    ('total_spent', coalesce(l.spent, 0), coalesce(p.total_spent, 0)),
    ('version', coalesce(l.rows, 0), coalesce(p.version, 0)),
    ('balance', coalesce(p.total_funded - p.total_spent - p.reserved, 0), coalesce(p.balance, 0))
) as figures (what, expected, actual)
where figures.expected <> figures.actual;

comment on view reconcile.pools_off_ledger is 'Guild pools whose figures are not the sum of their ledger';
