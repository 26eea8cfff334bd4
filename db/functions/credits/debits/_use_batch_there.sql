create or replace function credits._use_batch_there(
    p_place credits.account_id,
    p_login text,
    p_account_ids text[],
    p_amounts numeric[],
    p_app_ids text[],
    p_descriptions text[],
    p_idempotency_keys text[],
    p_metadata jsonb[],
    p_items jsonb[],
    p_expected_amounts numeric[],
    p_request_ids text[],
    p_caller text
) returns setof credits.use_outcome
language plpgsql
rows 10
as $$
begin
    -- The place has led here.
    -- @plpgsql_check_options: extra_warnings = false
    perform set_config('credits.login', p_login, true);
    return query
    select *
    from credits._use_batch(
        'person', p_account_ids, null, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata, p_items, p_expected_amounts,
        p_request_ids, p_caller
    );
end
$$;

comment on function credits._use_batch_there(
    credits.account_id, text, text[], numeric[], text[], text[], text[], jsonb[], jsonb[], numeric[], text[], text
) is
    'credits._use_batch on the machine of these people, in the transaction of the machine that hands it on, for the login '
    'that called there. p_place is the first of them';
