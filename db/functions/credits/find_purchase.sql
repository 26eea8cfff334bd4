create or replace function credits.find_purchase(p_stripe_payment_intent_id text)
returns table (user_id text, purchase_id uuid)
language sql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
    select p.user_id::text, p.id
    from credits.purchases p
    where p.stripe_payment_intent_id = p_stripe_payment_intent_id
$$;

comment on function credits.find_purchase(text) is
'Whose purchase a Stripe PaymentIntent pays; no row when it is not known.
Errors: none.
Idempotency: reads only.
Locks: none.';
