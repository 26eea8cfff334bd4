create or replace view credits.transactions as
select
    e.account_id as user_id,
    e.sequence,
    e.id,
    e.number,
    e.type,
    'completed'::credits.transaction_status as status,
    e.amount::numeric(18, 6) as amount,
    (e.available + e.reserved - e.debt - e.amount)::numeric(18, 6) as balance_before,
    (e.available + e.reserved - e.debt)::numeric(18, 6) as balance_after,
    e.reserved::numeric(18, 6) as reserved_after,
    e.total_spent::numeric(24, 6) as total_spent_after,
    e.reversal,
    e.app_id::varchar(128) as app_id,
    e.description::varchar(1000) as description,
    e.metadata,
    e.idempotency_key::varchar(255) as idempotency_key,
    e.other_id as guild_id,
    e.reference_id,
    e.called_by,
    e.request_id,
    e.created_at,
    e.created_at as completed_at
from credits.entries e
where e.kind = 'person' and e.amount <> 0;

comment on view credits.transactions is
'The entries that moved what people own. A person''s are found and sorted by user_id and sequence at the cost of an
index; by id all of them are read';
