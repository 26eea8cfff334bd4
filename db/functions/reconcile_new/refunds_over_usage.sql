create or replace view reconcile_new.refunds_over_usage as
with refunded as (
    select distinct user_id as account, false as of_guild, reference_id, reference
    from reconcile_new.transactions
    where type = 'refund' and reference_id is not null
    union all
    select distinct organization_id, true, reference_id, reference
    from reconcile_new.guild_transactions
    where type = 'refund'
),
figures as (
    select
        r.account,
        r.reference_id,
        case when r.of_guild
            then (
                select coalesce(-sum(g.amount), 0) from credits.guild_transactions g
                where g.organization_id = r.account and g.id = r.reference and g.type = 'usage'
            )
            else (
                select coalesce(-sum(t.amount), 0) from credits.transactions t
                where t.user_id = r.account and t.id = r.reference and t.type = 'usage'
            )
        end as used,
        case when r.of_guild
            then (
                select sum(g.amount) from credits.guild_transactions g
                where g.organization_id = r.account and g.reference_id = r.reference_id and g.type = 'refund'
            )
            else (
                select sum(t.amount) from credits.transactions t
                where t.user_id = r.account and t.reference_id = r.reference_id and t.type = 'refund'
            )
        end as given_back
    from refunded r
)
select
    account,
    format('refunds of %s', reference_id) as what,
    used as expected,
    given_back as actual,
    given_back - used as difference
from figures
where given_back > used;

comment on view reconcile_new.refunds_over_usage is 'refunds_over_usage, of usages that were refunded since the last clean run';
