create or replace view reconcile_new.pools_off_ledger as
select
    b.organization_id as account,
    figures.what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from credits.guild_pools b
-- An account that did not move still has to be where it was verified.
left join credits.reconciled_accounts unmoved on unmoved.transaction_id = b.last_transaction_id
left join lateral (
    select r.*
    from credits.guild_transactions t
    join credits.reconciled_accounts r on r.transaction_id = t.id
    where t.organization_id = b.organization_id
    order by t.id desc
    limit 1
) moved on unmoved.transaction_id is null
cross join lateral (
    select
        coalesce(sum(t.amount) filter (where t.amount > 0 and not t.reversal), 0) as came_in,
        coalesce(-sum(t.amount) filter (where t.amount < 0 or t.reversal), 0) as went_out,
        count(*) as rows
    from credits.guild_transactions t
    where t.organization_id = b.organization_id
        and t.id > coalesce(unmoved.transaction_id, moved.transaction_id, '00000000-0000-0000-0000-000000000000')
) since
cross join lateral (
    values
    ('total_funded', coalesce(unmoved.total_in, moved.total_in, 0) + since.came_in, b.total_funded),
    ('total_spent', coalesce(unmoved.total_out, moved.total_out, 0) + since.went_out, b.total_spent),
    ('version', coalesce(unmoved.version, moved.version, 0) + since.rows, b.version),
    ('balance', b.total_funded - b.total_spent - b.reserved, b.balance)
) as figures (what, expected, actual)
where figures.expected <> figures.actual;

comment on view reconcile_new.pools_off_ledger is 'pools_off_ledger: every pool against what was verified and the rows since';
