create or replace view reconcile_new.member_spending_off_ledger as
with touched as (
    select distinct organization_id, user_id, spending_day as day
    from reconcile_new.guild_transactions
    where spending_day is not null
),
ledger as (
    select
        d.organization_id,
        d.user_id,
        d.day,
        (
            select coalesce(-sum(g.amount), 0)
            from credits.guild_transactions g
            where g.user_id = d.user_id and g.organization_id = d.organization_id and g.spending_day = d.day
                -- Ids sort by time, and nothing counts on a day that lies further ahead than the time zones are apart.
                and g.id >= (lpad(to_hex((extract(epoch from d.day - 2) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
        ) as spent
    from touched d
)
select
    l.organization_id as account,
    format('spending of %s on %s', l.user_id, l.day) as what,
    l.spent as expected,
    coalesce(m.spent, 0) as actual,
    coalesce(m.spent, 0) - l.spent as difference
from ledger l
left join credits.guild_member_spending m on m.organization_id = l.organization_id and m.user_id = l.user_id and m.day = l.day
where coalesce(m.spent, 0) <> l.spent;

comment on view reconcile_new.member_spending_off_ledger is 'member_spending_off_ledger, of the members and days that were used since the last clean run';
