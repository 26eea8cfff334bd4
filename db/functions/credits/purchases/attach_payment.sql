create or replace function credits.attach_payment(
    p_user_id text,
    p_purchase_id uuid,
    p_stripe_payment_intent_id text default null,
    p_stripe_checkout_session_id text default null,
    p_stripe_customer_id text default null
) returns table (attached boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
    v_purchase credits.purchases;
    v_customer_id text := p_stripe_customer_id;
begin
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    if credits._is_pseudonym(v_purchase.user_id) then
        -- Their customer is deleted already, or was made after the erasure: the background work ends what it could pay.
        insert into credits.stripe_customer_deletions (stripe_customer_id)
        select v_customer_id where v_customer_id is not null
        on conflict do nothing;
        v_customer_id := null;
    end if;
    update credits.purchases
    set
        stripe_payment_intent_id = coalesce(stripe_payment_intent_id, p_stripe_payment_intent_id),
        stripe_checkout_session_id = coalesce(stripe_checkout_session_id, p_stripe_checkout_session_id),
        stripe_customer_id = coalesce(stripe_customer_id, v_customer_id),
        updated_at = greatest(updated_at, v_now)
    where user_id = v_purchase.user_id and id = p_purchase_id;
    return query select coalesce(v_purchase.user_id = p_user_id, false);
end
$$;

comment on function credits.attach_payment is
'Notes which Stripe objects belong to a purchase; what is known already stays. attached says whether the purchase is
p_user_id''s still. If its buyer has been erased meanwhile, the customer is to be deleted at Stripe instead.
Errors: none; an unknown purchase is left alone.
Idempotency: by nature.
Locks: the purchase.';
