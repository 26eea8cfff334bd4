create or replace function credits.attach_payment(
    p_user_id text,
    p_purchase_id uuid,
    p_stripe_payment_intent_id text default null,
    p_stripe_checkout_session_id text default null,
    p_stripe_customer_id text default null
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
begin
    update credits.purchases
    set
        stripe_payment_intent_id = coalesce(stripe_payment_intent_id, p_stripe_payment_intent_id),
        stripe_checkout_session_id = coalesce(stripe_checkout_session_id, p_stripe_checkout_session_id),
        stripe_customer_id = coalesce(stripe_customer_id, p_stripe_customer_id),
        updated_at = greatest(updated_at, v_now)
    where user_id = p_user_id and id = p_purchase_id;
end
$$;

comment on function credits.attach_payment(text, uuid, text, text, text) is
'Notes which Stripe objects belong to a purchase; what is known already stays.
Errors: none; an unknown purchase is left alone.
Idempotency: by nature.
Locks: the purchase.';
