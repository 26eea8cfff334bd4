create or replace function credits.use_guild_credits_batch(
    p_organization_ids text[],
    p_user_ids text[],
    p_amounts numeric[] default null,
    p_app_ids text[] default null,
    p_descriptions text[] default null,
    p_idempotency_keys text[] default null,
    p_metadata jsonb[] default null,
    p_items jsonb[] default null,
    p_expected_amounts numeric[] default null,
    p_request_ids text[] default null,
    p_caller text default null
) returns setof credits.guild_use_outcome
language plpgsql security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    v_use credits.use_outcome;
begin
    foreach v_use in array credits._use_batch(
        'pool', p_organization_ids, p_user_ids, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata,
        p_items, p_expected_amounts, p_request_ids, p_caller
    ) loop
        return next row(
            v_use.item, v_use.refusal, v_use.refusal_message, v_use.refusal_detail, v_use.refusal_hint, v_use.id,
            v_use.user_id, v_use.guild_id, v_use.type, v_use.amount, v_use.balance_before, v_use.balance_after,
            v_use.app_id, v_use.description, v_use.metadata, v_use.idempotency_key, v_use.created_at, v_use.balance,
            v_use.total_earned, v_use.total_spent, v_use.reserved, v_use.replayed, v_use.charge
        )::credits.guild_use_outcome;
    end loop;
end
$$;

comment on function credits.use_guild_credits_batch is
'Many debits of guild pools in one call, each as credits.use_guild_credits would do it. There is one row for each item,
in their order, with its movement or its refusal (SQLSTATE, message, DETAIL, HINT); the rest of it is null. One item
refused leaves the others alone. A pool''s simple items are decided before those that need a closer look, such as
retries.
Errors: UC001 invalid_request when the arrays differ in length or have more than 1000 items; what is wrong with an item
is in its row; 55P03 for a pool that was opened by others, and moved, while the batch waited for one that comes after
it.
Idempotency: as credits.use_guild_credits, item by item.
Locks: the pools, in the order of their ids.';
