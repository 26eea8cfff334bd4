create or replace function gifts._moved(p_user_id text, p_transaction_id uuid, p_gift_id uuid) returns numeric
language sql stable
as $$
    select t.amount
    from credits.transactions t
    where t.user_id = p_user_id and t.id = p_transaction_id and t.type = 'gift' and t.reference_id = p_gift_id::text
$$;

comment on function gifts._moved(text, uuid, uuid) is
    'What a ledger row moved for a gift; null when that row does not exist or is not the gift''s';
