create or replace view reconcile_new.guild_transactions as
select g.*
from reconcile_new.pools a
cross join lateral (
    select
        g.*,
        -- credits._as_id, which auditors, with whose rights this reads, may not call.
        case when g.reference_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then g.reference_id::uuid end as reference
    from credits.guild_transactions g
    where g.organization_id = a.organization_id and g.id > coalesce(a.verified_id, '00000000-0000-0000-0000-000000000000')
    -- Keeps the planner from reading the whole ledger of an account: both conditions belong to one look into its key.
    offset 0
) g;

comment on view reconcile_new.guild_transactions is 'Rows of pools'' ledgers that are newer than the last clean run, with what they refer to as an id';
