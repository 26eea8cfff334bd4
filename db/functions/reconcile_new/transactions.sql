create or replace view reconcile_new.transactions as
select
    t.*,
    case when t.reference_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then t.reference_id::uuid end as reference
from reconcile_new.accounts a
join credits.transactions t
    on t.user_id = a.user_id and t.id > coalesce(a.verified_id, '00000000-0000-0000-0000-000000000000');

comment on view reconcile_new.transactions is 'Rows of personal ledgers that are newer than the last clean run, with what they refer to as an id';
