create or replace function credits._use_batch_there(
    p_place credits.account_id, p_login text, p_requests credits.use_request[], p_caller text
) returns setof credits.use_outcome
language plpgsql
rows 10
as $$
begin
    -- The place has led here.
    -- @plpgsql_check_options: extra_warnings = false
    perform set_config('credits.login', p_login, true);
    return query
    select o.*
    from (
        select
            array_agg(r.account_id) as account_ids, array_agg(r.amount) as amounts, array_agg(r.app_id) as app_ids,
            array_agg(r.description) as descriptions, array_agg(r.idempotency_key) as idempotency_keys,
            array_agg(r.metadata) as metadata, array_agg(r.items) as items,
            array_agg(r.expected_amount) as expected_amounts,
            array_agg(r.request_id) as request_ids
        from unnest(p_requests) r
    ) i
    cross join lateral unnest(credits._use_batch(
        'person', i.account_ids, null, i.amounts, i.app_ids, i.descriptions, i.idempotency_keys, i.metadata, i.items,
        i.expected_amounts, i.request_ids, p_caller
    )) o;
end
$$;

comment on function credits._use_batch_there is
'credits._use_batch on the machine of these people, in the transaction of the machine that hands it on, for the login
that called there. p_place is the first of them';
