create or replace function credits.list_completed_purchases(
    p_since timestamptz, p_cursor uuid default null, p_limit integer default 10000
)
returns table (
    user_id text, purchase_id uuid, stripe_payment_intent_id text, price_euro_cents integer, currency text,
    refunded_cents integer
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select p.user_id::text, p.id, p.stripe_payment_intent_id, p.price_euro_cents, p.currency, p.refunded_cents
        from credits.purchases p
        where p.completed_at >= p_since and p.id > coalesce(p_cursor, '00000000-0000-0000-0000-000000000000')
        order by p.id
        limit p_limit;
end
$$;

comment on function credits.list_completed_purchases is
'Lists purchases paid since a moment, to be compared with what Stripe says. They come in the order of their beginning, after p_cursor (the purchase_id of the last row of the page before).
Errors: none.
Idempotency: reads only.
Locks: none.';
