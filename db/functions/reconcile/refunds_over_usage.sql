create or replace view reconcile.refunds_over_usage as
with refunds as (
    select user_id as account, false as of_guild, reference_id, sum(amount) as amount
    from credits.transactions
    where type = 'refund' and reference_id is not null
    group by user_id, reference_id
    union all
    select organization_id, true, reference_id, sum(amount)
    from credits.guild_transactions
    where type = 'refund'
    group by organization_id, reference_id
)
select
    r.account,
    format('refunds of %s', r.reference_id) as what,
    coalesce(-t.amount, -g.amount, 0) as expected,
    r.amount as actual,
    r.amount - coalesce(-t.amount, -g.amount, 0) as difference
from refunds r
left join credits.transactions t
    on not r.of_guild and t.user_id = r.account and t.id::text = r.reference_id and t.type = 'usage'
left join credits.guild_transactions g
    on r.of_guild and g.organization_id = r.account and g.id::text = r.reference_id and g.type = 'usage'
where r.amount > coalesce(-t.amount, -g.amount, 0);

comment on view reconcile.refunds_over_usage is 'Usages of which more was refunded than was used';
