create or replace function credits.complete_purchase(
    p_user_id text,
    p_purchase_id uuid,
    p_amount_cents bigint,
    p_currency text,
    p_stripe_payment_intent_id text default null,
    p_stripe_checkout_session_id text default null,
    p_request_id text default null
) returns table (outcome text, transaction_id uuid, balance numeric)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_purchase credits.purchases;
    v_erased boolean;
    v_entry credits.posted;
    v_now timestamptz;
begin
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    outcome := case
        when v_purchase.id is null then 'unknown_purchase'
        -- What we noted ourselves counts, not what a payment says of itself.
        when p_stripe_payment_intent_id <> v_purchase.stripe_payment_intent_id then 'another_payment'
        when p_stripe_checkout_session_id <> v_purchase.stripe_checkout_session_id then 'another_payment'
        when v_purchase.status = 'completed' then 'already_completed'
        when (
            v_purchase.price_euro_cents = p_amount_cents and v_purchase.currency = lower(p_currency collate "C")
        ) is not true then 'amount_mismatch'
    end;
    if outcome = 'amount_mismatch' then
        v_now := credits._now();
        update credits.purchases
        set failure_reason = 'amount_mismatch', updated_at = v_now
        where user_id = v_purchase.user_id and id = p_purchase_id;
    end if;
    if outcome is not null then
        transaction_id := case outcome when 'already_completed' then v_purchase.transaction_id end;
        return next;
        return;
    end if;
    v_erased := credits._is_pseudonym(v_purchase.user_id);
    if v_erased then
        -- Whoever was erased before they had an account: only here may one be opened for a pseudonym.
        insert into credits.accounts (account_id, kind) values (v_purchase.user_id, 'person') on conflict do nothing;
    end if;
    perform credits._lock_account(v_purchase.user_id, 'person', p_create => not v_erased);
    -- A payment is credited once, whichever purchases name it. Across accounts no lock orders them: reconciliation looks again.
    if exists (
        select p.id from credits.purchases p
        where p.stripe_payment_intent_id = coalesce(v_purchase.stripe_payment_intent_id, p_stripe_payment_intent_id)
            and p.status = 'completed'
    ) then
        return query select 'another_payment', null::uuid, null::numeric;
        return;
    end if;
    v_entry := credits._post(
        v_purchase.user_id, 'person', 'purchase', v_purchase.credits, 0, v_purchase.package_name,
        p_reference_id => p_purchase_id::text, p_request_id => p_request_id
    );
    update credits.purchases
    set
        status = 'completed',
        failure_reason = null,
        transaction_id = v_entry.id,
        completed_at = v_entry.created_at,
        updated_at = v_entry.created_at,
        stripe_payment_intent_id = coalesce(stripe_payment_intent_id, p_stripe_payment_intent_id)
    where user_id = v_purchase.user_id and id = p_purchase_id
    returning * into v_purchase;
    perform credits._emit('purchase.completed', v_purchase.user_id, null, jsonb_build_object(
        'userId', v_purchase.user_id,
        'purchaseId', p_purchase_id,
        'packageId', v_purchase.package_id,
        'transactionId', v_entry.id,
        'credits', trim_scale(v_purchase.credits),
        'priceEuroCents', v_purchase.price_euro_cents
    ));
    -- A refund or a dispute may have been reported before the payment.
    perform credits._apply_reversals(v_purchase, p_request_id);
    if v_erased then
        perform credits._forfeit(v_purchase.user_id, p_request_id);
    end if;
    return query
        select 'completed', v_entry.id, l.available - l.debt from credits._last_entry(v_purchase.user_id, 'person') l;
end
$$;

comment on function credits.complete_purchase is
'Credits a purchase that Stripe says is paid, if amount and currency are the purchase''s own. A success counts whatever
was reported before it. If its buyer has been erased meanwhile, what was bought is credited to the pseudonym and
forfeited, so that the books say so.
Outcomes: completed, already_completed, another_payment (the purchase knows another PaymentIntent or Checkout Session,
or another purchase was credited for this one; nothing moves), amount_mismatch (nothing moves; the purchase keeps the
reason), unknown_purchase (nothing moves).
Errors: UC008 balance_too_large.
Idempotency: by the purchase, which is credited once however often and however many at once this is called.
Locks: the purchase, then the user''s account.';
