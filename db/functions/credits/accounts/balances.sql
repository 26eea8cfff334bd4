create or replace view credits.balances as
select
    a.account_id::text as user_id,
    (coalesce(e.available - e.debt, 0))::numeric(18, 6) as balance,
    (coalesce(e.available - e.debt + e.reserved + e.total_spent, 0))::numeric(24, 6) as total_earned,
    (coalesce(e.total_spent, 0))::numeric(24, 6) as total_spent,
    (coalesce(e.reserved, 0))::numeric(18, 6) as reserved,
    (coalesce(e.clawed_back, 0))::numeric(24, 6) as clawed_back,
    a.low_balance_at,
    coalesce(e.number, 0) as version,
    coalesce(e.sequence, 0) as sequence,
    a.created_at,
    coalesce(e.created_at, a.created_at) as updated_at
from credits.accounts a
left join lateral (
    select * from credits.entries l where l.account_id = a.account_id and l.kind = a.kind order by l.sequence desc limit 1
) e on true
where a.kind = 'person';

comment on view credits.balances is
'The balance of each user, as their last entry says. Holds and dated credits that are over count until that is written
down; credits.get_balance leaves them out';
