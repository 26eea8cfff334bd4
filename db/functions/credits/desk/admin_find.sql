create or replace function credits.admin_find(p_query text)
returns table (account_id text, kind credits.account_kind, found_by text, subject_id text)
language plpgsql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    v_person constant credits.account_kind := 'person';
    v_query constant text := btrim(p_query);
    v_code constant text := gifts._normalize_code(v_query);
    v_id constant uuid := credits._as_id(lower(v_query));
begin
    perform credits._refuse_invalid('query', 'must be 1 to 255 characters')
    where char_length(v_query) between 1 and 255 is not true;
    return query
        select a.account_id::text, a.kind, 'account', a.account_id::text
        from credits.accounts a
        where a.account_id = v_query
        -- Without an account yet: who has begun to buy, or used a pool's credits and was dealt with here.
        union
        select p.user_id::text, v_person, 'account', p.user_id::text from credits.purchases p where p.user_id = v_query
        union
        select a.account_id::text, v_person, 'account', a.account_id::text
        from credits.admin_actions a
        where a.account_id = v_query;
    return query select p.user_id::text, v_person, 'purchase', p.id::text
        from credits.purchases p where p.stripe_payment_intent_id = v_query;
    return query select g.creator_id::text, v_person, 'gift', g.id::text
        from gifts.gift_codes g where g.code = v_code;
    return query select r.account_id::text, r.kind, 'reservation', r.id::text
        from credits.reservations r where r.id = v_id;
    return query select g.creator_id::text, v_person, 'gift', g.id::text from gifts.gift_codes g where g.id = v_id;
    return query select a.account_id, v_person, 'action', a.id::text
        from credits.admin_actions a where a.id = v_id and a.account_id <> '';
    return query select e.account_id, e.kind, 'transaction', e.id::text from credits.entries e where e.id = v_id;
    return query select
        e.account_id, e.kind, case when e.idempotency_key = v_query then 'idempotencyKey' else 'requestId' end,
        e.id::text
        from credits.entries e where e.idempotency_key = v_query or e.request_id = v_query limit 20;
    -- Acts that wrote no entry: a frozen account, a hold given up.
    return query select
        a.account_id, v_person, case when a.idempotency_key = v_query then 'idempotencyKey' else 'requestId' end,
        a.id::text
        from credits.admin_actions a
        where a.account_id <> '' and a.entry_id is null and (a.idempotency_key = v_query or a.request_id = v_query)
        limit 20;
end
$$;

comment on function credits.admin_find is
'Finds the accounts behind anything at hand. It is an id of a user, guild, entry, hold, gift, act or request, a gift''s
code, a PaymentIntent, or an idempotency key. One row for each account and thing found.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
