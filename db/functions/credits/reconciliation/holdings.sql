create or replace view credits.holdings as
select
    b.balance as in_balances,
    p.balance as in_pools,
    b.reserved + p.reserved as in_reservations,
    g.credits as in_gifts,
    b.balance + p.balance + b.reserved + p.reserved + g.credits as total
from (select coalesce(sum(balance), 0) as balance, coalesce(sum(reserved), 0) as reserved from credits.balances) b
cross join (
    select coalesce(sum(balance), 0) as balance, coalesce(sum(reserved), 0) as reserved from credits.guild_pools
) p
cross join credits.unclaimed_gifts g;

comment on view credits.holdings is
'All credits by where they lie now: what is owed to people, guilds and holders of gift codes. A debt counts as
negative';
