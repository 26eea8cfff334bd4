create or replace view credits.guild_pools as
select
    a.account_id::text as organization_id,
    (coalesce(e.available - e.debt, 0))::numeric(18, 6) as balance,
    (coalesce(e.available - e.debt + e.reserved + e.total_spent, 0))::numeric(24, 6) as total_funded,
    (coalesce(e.total_spent, 0))::numeric(24, 6) as total_spent,
    (coalesce(e.reserved, 0))::numeric(18, 6) as reserved,
    a.low_balance_at,
    coalesce(e.number, 0) as version,
    coalesce(e.sequence, 0) as sequence,
    a.created_at,
    coalesce(e.created_at, a.created_at) as updated_at
from credits.accounts a
left join lateral (
    select *
    from credits.entries l
    where l.account_id = a.account_id and l.kind = a.kind
    order by l.sequence desc
    limit 1
) e on true
where a.kind = 'pool';

comment on view credits.guild_pools is 'What each guild shares, as its last entry says';
