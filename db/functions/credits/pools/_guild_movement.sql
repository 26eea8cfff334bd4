create or replace function credits._guild_movement(p_row credits.guild_transactions, p_replayed boolean)
returns credits.guild_movement
language sql immutable
as $$
    select row(
        p_row.id, p_row.organization_id, p_row.user_id, p_row.type, p_row.amount, p_row.balance_before, p_row.balance_after,
        p_row.app_id, p_row.description, p_row.metadata, p_row.idempotency_key, p_row.created_at,
        p_row.balance_after - p_row.reserved_after, p_row.balance_after + p_row.total_spent_after,
        p_row.total_spent_after, p_row.reserved_after, p_replayed
    )::credits.guild_movement
$$;

comment on function credits._guild_movement(credits.guild_transactions, boolean) is
    'The answer to the call that wrote p_row. All of it comes from the row, so a retry is answered like the first call, whatever has changed since';
