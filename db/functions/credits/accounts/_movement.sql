create or replace function credits._movement(p_entry credits.entries, p_replayed boolean) returns credits.movement
language sql immutable
as $$
    select row(
        p_entry.id, p_entry.account_id, p_entry.type, 'completed', p_entry.amount,
        p_entry.available + p_entry.reserved - p_entry.debt - p_entry.amount,
        p_entry.available + p_entry.reserved - p_entry.debt, p_entry.app_id, p_entry.description, p_entry.metadata,
        p_entry.idempotency_key, p_entry.other_id, p_entry.created_at, p_entry.created_at,
        p_entry.available - p_entry.debt, p_entry.available + p_entry.reserved - p_entry.debt + p_entry.total_spent,
        p_entry.total_spent, p_entry.reserved, p_replayed,
        p_entry.charge
    )::credits.movement
$$;

comment on function credits._movement is
'The answer to the call that wrote a personal entry. All of it comes from the entry, so a retry is answered like the
first call, whatever has changed since';
