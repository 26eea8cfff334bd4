create or replace view reconcile.member_spending_off_ledger as
with ledger as (
    select organization_id, user_id, spending_day as day, -sum(amount) as spent
    from credits.guild_transactions
    where spending_day is not null
    group by organization_id, user_id, spending_day
)
select
    coalesce(m.organization_id, l.organization_id) as account,
    format('spending of %s on %s', coalesce(m.user_id, l.user_id), coalesce(m.day, l.day)) as what,
    coalesce(l.spent, 0) as expected,
    coalesce(m.spent, 0) as actual,
    coalesce(m.spent, 0) - coalesce(l.spent, 0) as difference
from credits.guild_member_spending m
full join ledger l on l.organization_id = m.organization_id and l.user_id = m.user_id and l.day = m.day
where coalesce(m.spent, 0) <> coalesce(l.spent, 0);

comment on view reconcile.member_spending_off_ledger is 'Counters of members'' spending that are not the sum of the pool''s ledger';
