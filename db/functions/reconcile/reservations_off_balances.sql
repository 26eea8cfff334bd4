create or replace view reconcile.reservations_off_balances as
with held as (
    select account_id, organization_id is not null as of_guild, sum(amount) as amount
    from credits.reservations
    where status = 'held'
    group by account_id, organization_id is not null
),
accounts as (
    select user_id as account_id, false as of_guild, reserved from credits.balances
    union all
    select organization_id, true, reserved from credits.guild_pools
)
select
    coalesce(a.account_id, h.account_id) as account,
    'reserved' as what,
    coalesce(h.amount, 0) as expected,
    coalesce(a.reserved, 0) as actual,
    coalesce(a.reserved, 0) - coalesce(h.amount, 0) as difference
from accounts a
full join held h on h.account_id = a.account_id and h.of_guild = a.of_guild
where coalesce(a.reserved, 0) <> coalesce(h.amount, 0);

comment on view reconcile.reservations_off_balances is 'Balances and pools whose reserved credits are not their open reservations';
