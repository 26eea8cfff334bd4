create or replace function credits.list_unsettled_purchases(p_cursor uuid default null, p_limit integer default 10000)
returns table (
    user_id text, purchase_id uuid, status credits.purchase_status, stripe_payment_intent_id text,
    stripe_checkout_session_id text
)
language plpgsql stable security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select p.user_id::text, p.id, p.status, p.stripe_payment_intent_id, p.stripe_checkout_session_id
        from credits.purchases p
        where p.id > coalesce(p_cursor, '00000000-0000-0000-0000-000000000000')
            and (
                p.status = 'processing'
                or (
                    p.status = 'pending'
                    and p.stripe_payment_intent_id is null
                    and p.stripe_checkout_session_id is null
                    and p.created_at <= credits._now() - interval '1 hour'
                )
            )
        order by p.id
        limit p_limit;
end
$$;

comment on function credits.list_unsettled_purchases is
'Lists purchases that still wait for Stripe, however old, oldest first. Their payment is processing, or they were begun more than an hour ago and know no object of Stripe''s, since that call was cut off. From p_cursor (the purchase_id of the last row of the page before) on.
Errors: none.
Idempotency: reads only.
Locks: none.';
