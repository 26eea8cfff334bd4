create or replace function credits.list_refunded_purchases(p_cursor uuid default null, p_limit integer default 10000)
returns table (user_id text, purchase_id uuid, stripe_payment_intent_id text)
language plpgsql stable security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select p.user_id::text, p.id, p.stripe_payment_intent_id
        from credits.purchases p
        where p.id > coalesce(p_cursor, '00000000-0000-0000-0000-000000000000')
            and p.refunded_cents > 0
            and p.updated_at >= credits._now() - interval '90 days'
            and p.stripe_payment_intent_id is not null
        order by p.id
        limit p_limit;
end
$$;

comment on function credits.list_refunded_purchases is
'Purchases that changed in the last 90 days and whose payment was refunded, all of it or a part. Such a refund may fail yet, weeks later. In the order in which they were begun, from p_cursor (the purchase_id of the last row of the page before) on.
Errors: none.
Idempotency: reads only.
Locks: none.';
