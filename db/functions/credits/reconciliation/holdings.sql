create or replace view credits.holdings as
select
    in_balances,
    in_pools,
    in_reservations,
    in_gifts,
    in_balances + in_pools + in_reservations + in_gifts as total
from (
    select
        b.balance as in_balances,
        p.balance as in_pools,
        b.reserved + p.reserved as in_reservations,
        g.credits as in_gifts
    from (select coalesce(sum(balance), 0) as balance, coalesce(sum(reserved), 0) as reserved from credits.balances) b
    cross join (select coalesce(sum(balance), 0) as balance, coalesce(sum(reserved), 0) as reserved from credits.guild_pools) p
    cross join credits.unclaimed_gifts g
) held;

comment on view credits.holdings is
    'All credits by where they lie now: what is owed to people, guilds and holders of gift codes. A debt counts as '
    'negative';
