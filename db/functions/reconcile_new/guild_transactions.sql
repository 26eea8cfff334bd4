create or replace view reconcile_new.guild_transactions as
select
    g.*,
    case when g.reference_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then g.reference_id::uuid end as reference
from reconcile_new.pools p
join credits.guild_transactions g
    on g.organization_id = p.organization_id and g.id > coalesce(p.verified_id, '00000000-0000-0000-0000-000000000000');

comment on view reconcile_new.guild_transactions is 'Rows of pools'' ledgers that are newer than the last clean run, with what they refer to as an id';
