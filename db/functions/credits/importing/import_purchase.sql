create or replace function credits.import_purchase(
    p_user_id text,
    p_id uuid,
    p_package_id uuid,
    p_package_name text,
    p_credits numeric,
    p_price_euro_cents integer,
    p_status credits.purchase_status,
    p_stripe_payment_intent_id text,
    p_stripe_customer_id text,
    p_metadata jsonb,
    p_created_at timestamptz,
    p_completed_at timestamptz
) returns boolean
language plpgsql
as $$
declare
    v_opening credits.entries;
begin
    if credits._erased_since(p_user_id) then
        return false;
    end if;
    if p_status = 'completed' then
        v_opening := credits._opening(p_user_id, 'person');
    end if;
    insert into credits.purchases (
        user_id, id, package_id, package_name, credits, price_euro_cents, status, stripe_payment_intent_id, stripe_customer_id,
        transaction_id, metadata, created_at, updated_at, completed_at
    )
    values (
        p_user_id, p_id, p_package_id, p_package_name, p_credits, p_price_euro_cents, p_status, p_stripe_payment_intent_id,
        p_stripe_customer_id, v_opening.id, p_metadata, p_created_at, coalesce(v_opening.created_at, p_created_at),
        least(p_completed_at, v_opening.created_at)
    )
    on conflict do nothing;
    return found;
end
$$;

comment on function credits.import_purchase is
'Brings a purchase from the predecessor under its id and PaymentIntent. The credits of a completed one are in the opening entry, which it names; of any other, Stripe may still report the end. False if it is there, or its buyer erased since.
Errors: UC017 for a completed one whose buyer has not been brought.
Idempotency: by the purchase.
Locks: the new purchase.';
