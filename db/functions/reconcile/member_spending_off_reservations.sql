create or replace view reconcile.member_spending_off_reservations as
with held as (
    select organization_id, user_id, spending_day as day, sum(amount) as amount
    from credits.reservations
    where status = 'held' and organization_id is not null
    group by organization_id, user_id, spending_day
)
select
    coalesce(m.organization_id, h.organization_id) as account,
    format('reserved by %s on %s', coalesce(m.user_id, h.user_id), coalesce(m.day, h.day)) as what,
    coalesce(h.amount, 0) as expected,
    coalesce(m.reserved, 0) as actual,
    coalesce(m.reserved, 0) - coalesce(h.amount, 0) as difference
from credits.guild_member_spending m
full join held h on h.organization_id = m.organization_id and h.user_id = m.user_id and h.day = m.day
where coalesce(m.reserved, 0) <> coalesce(h.amount, 0);

comment on view reconcile.member_spending_off_reservations is 'Counters of what members hold that are not their open reservations';
