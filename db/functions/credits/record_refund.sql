create or replace function credits.record_refund(
    p_user_id text, p_purchase_id uuid, p_refunded_cents bigint, p_currency text default 'eur'
) returns table (outcome text, clawed_back numeric, balance numeric)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_purchase credits.purchases;
    v_now timestamptz;
begin
    if p_refunded_cents is null then
        perform credits._refuse_invalid('refundedCents', 'must be a number of cents');
    end if;
    select * into v_purchase from credits.purchases where user_id = p_user_id and id = p_purchase_id for no key update;
    if not found then
        return query select 'unknown_purchase', null::numeric, null::numeric;
        return;
    end if;
    if v_purchase.currency is distinct from p_currency then
        return query select 'currency_mismatch', null::numeric, null::numeric;
        return;
    end if;
    v_now := credits._now();
    update credits.purchases
    set
        -- Cumulative on Stripe's side; the largest wins, so that events may come late and in any order.
        refunded_cents = greatest(refunded_cents, least(p_refunded_cents, price_euro_cents)),
        updated_at = v_now
    where user_id = p_user_id and id = p_purchase_id
    returning * into v_purchase;
    return query select a.outcome, a.clawed_back, a.balance from credits._apply_reversals(v_purchase) a;
end
$$;

comment on function credits.record_refund(text, uuid, bigint, text) is
'Notes how much of a payment Stripe has refunded in all, and takes the credits back in proportion, into debt where they are spent.
Outcomes: applied, unchanged, pending (the purchase is not completed yet; taken back when it is), currency_mismatch (nothing moves), unknown_purchase.
Errors: UC001 invalid_request.
Idempotency: by nature; any order and any repetition of these calls ends in the same state.
Locks: the purchase, then the user''s balance.';
