create or replace function credits.find_purchase(
    p_stripe_payment_intent_id text default null,
    p_stripe_checkout_session_id text default null,
    p_user_id text default null,
    p_purchase_id uuid default null
) returns table (
    user_id text, purchase_id uuid, status credits.purchase_status, stripe_payment_intent_id text,
    stripe_checkout_session_id text, reversals_version integer
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select p.user_id::text, p.id, p.status, p.stripe_payment_intent_id, p.stripe_checkout_session_id, p.reversals_version
        from credits.purchases p
        where p.stripe_payment_intent_id = p_stripe_payment_intent_id or p.stripe_checkout_session_id = p_stripe_checkout_session_id;
    if found or p_user_id is null then
        return;
    end if;
    -- Begun by somebody who has been erased since, it is the pseudonym's now.
    return query
        select p.user_id::text, p.id, p.status, p.stripe_payment_intent_id, p.stripe_checkout_session_id, p.reversals_version
        from credits.purchases p
        where p.user_id = p_user_id and p.id = p_purchase_id or credits._is_pseudonym(p.user_id) and p.id = p_purchase_id;
end
$$;

comment on function credits.find_purchase is
'Finds the purchase of a Stripe payment, and the payment that this purchase knows. What we noted comes first: the
purchase of this PaymentIntent or Checkout Session. Only where there is none counts the one that the payment names,
whose buyer may have been erased since. No row when it is not known, two when one purchase knows the PaymentIntent and
another the Checkout Session.
Errors: none.
Idempotency: reads only.
Locks: none.';
