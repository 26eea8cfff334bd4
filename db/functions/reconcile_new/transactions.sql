create or replace view reconcile_new.transactions as
select t.*
from reconcile_new.accounts a
cross join lateral (
    select
        t.*,
        -- credits._as_id, which auditors, with whose rights this reads, may not call.
        case when t.reference_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then t.reference_id::uuid end as reference
    from credits.transactions t
    where t.user_id = a.user_id and t.id > coalesce(a.verified_id, '00000000-0000-0000-0000-000000000000')
    -- Keeps the planner from reading the whole ledger of an account: both conditions belong to one look into its key.
    offset 0
) t;

comment on view reconcile_new.transactions is 'Rows of personal ledgers that are newer than the last clean run, with what they refer to as an id';
