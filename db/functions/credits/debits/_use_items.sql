create or replace function credits._use_items(
    p_user_id text,
    p_places integer[],
    p_amounts numeric[],
    p_app_ids text[],
    p_descriptions text[],
    p_idempotency_keys text[],
    p_metadata jsonb[],
    p_request_ids text[],
    p_caller text,
    p_items jsonb[],
    p_expected_amounts numeric[]
) returns setof credits.use_outcome
language plpgsql
rows 10
as $$
begin
    for v_place in 1 .. cardinality(p_places) loop
        return next credits._use_item(
            p_places[v_place], p_user_id, p_amounts[v_place], p_app_ids[v_place], p_descriptions[v_place],
            p_idempotency_keys[v_place], p_metadata[v_place], p_request_ids[v_place], p_caller,
            p_items[v_place], p_expected_amounts[v_place]
        );
    end loop;
end
$$;

comment on function credits._use_items(
    text, integer[], numeric[], text[], text[], text[], jsonb[], text[], text, jsonb[], numeric[]
) is
    'The items of one account of a batch, one after the other: where accounts are spread, one call of its machine instead of several for each item';
