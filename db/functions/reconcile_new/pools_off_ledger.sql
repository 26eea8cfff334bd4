create or replace view reconcile_new.pools_off_ledger as
with moved as (
    select
        organization_id,
        sum(amount) filter (where amount > 0 and not reversal) as came_in,
        -sum(amount) filter (where amount < 0 or reversal) as went_out,
        count(*) as rows
    from reconcile_new.guild_transactions
    group by organization_id
),
-- An account that did not move still has to be where it was verified.
verified as (
    select
        b.organization_id,
        coalesce(a.total_in, r.total_in, 0) as total_in,
        coalesce(a.total_out, r.total_out, 0) as total_out,
        coalesce(a.version, r.version, 0) as version
    from credits.guild_pools b
    left join (
        select organization_id, total_funded as total_in, total_spent as total_out, version from reconcile_new.pools
    ) a on a.organization_id = b.organization_id
    left join credits.reconciled_accounts r on r.transaction_id = b.last_transaction_id
)
select
    b.organization_id as account,
    figures.what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from credits.guild_pools b
join verified v on v.organization_id = b.organization_id
left join moved m on m.organization_id = b.organization_id
cross join lateral (
    values
    ('total_funded', v.total_in + coalesce(m.came_in, 0), b.total_funded),
    ('total_spent', v.total_out + coalesce(m.went_out, 0), b.total_spent),
    ('version', v.version + coalesce(m.rows, 0), b.version),
    ('balance', b.total_funded - b.total_spent - b.reserved, b.balance)
) as figures (what, expected, actual)
where figures.expected <> figures.actual;

comment on view reconcile_new.pools_off_ledger is 'pools_off_ledger: every pool against what was verified and the rows since';
