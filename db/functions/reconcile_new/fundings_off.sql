create or replace view reconcile_new.fundings_off as
select
    t.guild_id as account,
    format('funding by %s', t.user_id) as what,
    -t.amount as expected,
    coalesce(g.amount, 0) as actual,
    coalesce(g.amount, 0) + t.amount as difference
from reconcile_new.transactions t
left join credits.guild_transactions g
    on g.organization_id = t.guild_id and g.id = t.reference and g.user_id = t.user_id and g.type = 'funding'
where t.type = 'guild_funding' and coalesce(g.amount, 0) <> -t.amount
union all
select
    g.organization_id,
    format('funding by %s', g.user_id),
    coalesce(-t.amount, 0),
    g.amount,
    g.amount + coalesce(t.amount, 0)
from reconcile_new.guild_transactions g
left join credits.transactions t
    on t.user_id = g.user_id and t.id = g.reference and t.guild_id = g.organization_id and t.type = 'guild_funding'
where g.type = 'funding' and coalesce(-t.amount, 0) <> g.amount;

comment on view reconcile_new.fundings_off is 'fundings_off, of what was funded since the last clean run';
