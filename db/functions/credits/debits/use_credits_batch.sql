create or replace function credits.use_credits_batch(
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
) returns setof credits.use_outcome
language plpgsql security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    v_outcome credits.use_outcome;
begin
    foreach v_outcome in array credits._use_batch(
        'person', p_user_ids, null, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata, p_items,
        p_expected_amounts, p_request_ids, p_caller
    ) loop
        return next v_outcome;
    end loop;
end
$$;

comment on function credits.use_credits_batch is
'Many debits of personal balances in one call, each as credits.use_credits would do it: one row for each item, in their
order, with its movement or its refusal (SQLSTATE, message, DETAIL, HINT); what it does not have is null. One item
refused leaves the others alone. An account''s simple items are decided before those that need a closer look, such as
retries.
Errors: UC001 invalid_request when the arrays differ in length or have more than 1000 items. What is wrong with an item
is in its row. There 55P03 is somebody who is being erased, or whose account was opened by others while the batch waited
for one that comes after it.
Idempotency: as credits.use_credits, item by item.
Locks: the users'' accounts, in the order of their ids.';
