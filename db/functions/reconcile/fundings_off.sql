create or replace view reconcile.fundings_off as
select
    coalesce(t.guild_id, g.organization_id) as account,
    format('funding by %s', coalesce(t.user_id, g.user_id)) as what,
    coalesce(-t.amount, 0) as expected,
    coalesce(g.amount, 0) as actual,
    coalesce(g.amount, 0) + coalesce(t.amount, 0) as difference
from (select * from credits.transactions where type = 'guild_funding') t
full join (select * from credits.guild_transactions where type = 'funding') g
    on g.organization_id = t.guild_id and g.id::text = t.reference_id and g.user_id = t.user_id
where coalesce(g.amount, 0) <> coalesce(-t.amount, 0);

comment on view reconcile.fundings_off is 'Fundings that left a balance and did not reach the pool, or the reverse';
