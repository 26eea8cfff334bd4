create or replace function credits._movement(p_row credits.transactions, p_replayed boolean) returns credits.movement
language sql immutable
as $$
    select row(
        p_row.id, p_row.user_id, p_row.type, p_row.status, p_row.amount, p_row.balance_before, p_row.balance_after,
        p_row.app_id, p_row.description, p_row.metadata, p_row.idempotency_key, p_row.guild_id, p_row.created_at,
        p_row.completed_at, p_row.balance_after - p_row.reserved_after, p_row.balance_after + p_row.total_spent_after,
        p_row.total_spent_after, p_row.reserved_after, p_replayed
    )::credits.movement
$$;

comment on function credits._movement(credits.transactions, boolean) is
    'The answer to the call that wrote p_row. All of it comes from the row, so a retry is answered like the first call, whatever has changed since';
