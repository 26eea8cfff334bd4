create or replace view reconcile.reservation_counts_off as
with made as (
    select account_id, organization_id is not null as of_guild, count(*) as reservations
    from credits.reservations
    group by account_id, organization_id is not null
),
accounts as (
    select user_id as account_id, false as of_guild, reservations_count from credits.balances
    union all
    select organization_id, true, reservations_count from credits.guild_pools
)
select
    coalesce(a.account_id, m.account_id) as account,
    'reservations_count' as what,
    coalesce(m.reservations, 0) as expected,
    coalesce(a.reservations_count, 0) as actual,
    coalesce(a.reservations_count, 0) - coalesce(m.reservations, 0) as difference
from accounts a
full join made m on m.account_id = a.account_id and m.of_guild = a.of_guild
where coalesce(a.reservations_count, 0) <> coalesce(m.reservations, 0);

comment on view reconcile.reservation_counts_off is
    'Balances and pools whose count of reservations is off: where it is 0, keys of reservations are not searched';
