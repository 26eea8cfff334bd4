create or replace function credits.use_credits_batch(
    p_user_ids text[],
    p_amounts numeric[],
    p_app_ids text[],
    p_descriptions text[],
    p_idempotency_keys text[] default null,
    p_metadata jsonb[] default null
) returns setof credits.use_outcome
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_outcomes credits.use_outcome[];
    v_outcome credits.use_outcome;
    v_movement credits.movement;
    v_item record;
    v_message text;
    v_detail text;
    v_hint text;
begin
    for v_item in
        select * from unnest(p_user_ids, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata)
            with ordinality as i (user_id, amount, app_id, description, idempotency_key, metadata, item)
        order by user_id, item
    loop
        v_outcome := null;
        v_outcome.item := v_item.item;
        begin
            v_movement := credits.use_credits(
                v_item.user_id, v_item.amount, v_item.app_id, v_item.description, v_item.idempotency_key,
                coalesce(v_item.metadata, '{}')
            );
            v_outcome := row(v_item.item, null, null, null, null, v_movement.*);
        exception when others then
            if sqlstate !~ '^UC' then
                raise;
            end if;
            get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
            v_outcome.refusal := sqlstate;
            v_outcome.refusal_message := v_message;
            v_outcome.refusal_detail := nullif(v_detail, '');
            v_outcome.refusal_hint := nullif(v_hint, '');
        end;
        v_outcomes[v_item.item] := v_outcome;
    end loop;
    return query select * from unnest(v_outcomes);
end
$$;

comment on function credits.use_credits_batch(text[], numeric[], text[], text[], text[], jsonb[]) is
'Many debits of personal balances in one call, each as credits.use_credits would do it: one row for each item, in their order, with its movement or its refusal (SQLSTATE, message, DETAIL, HINT). One item refused leaves the others alone.
Errors: UC001 invalid_request when the arrays differ in length; what is wrong with an item is in its row.
Idempotency: as credits.use_credits, item by item.
Locks: the users'' balances, in the order of their ids.';
