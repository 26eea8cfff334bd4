create or replace function credits.record_refund(
    p_user_id text, p_purchase_id uuid, p_refunded_cents bigint, p_currency text default 'eur', p_seen integer default null,
    p_request_id text default null
) returns table (outcome text, clawed_back numeric, balance numeric)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_purchase credits.purchases;
    v_cents integer;
    v_now timestamptz;
begin
    if p_refunded_cents is null then
        perform credits._refuse_invalid('refundedCents', 'must be a number of cents');
    end if;
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    v_cents := greatest(0, least(p_refunded_cents, v_purchase.price_euro_cents));
    outcome := credits._refused_report(v_purchase, p_currency, v_cents = v_purchase.refunded_cents, p_seen);
    if outcome is not null then
        return next;
        return;
    end if;
    v_now := credits._now();
    update credits.purchases p
    set
        refunded_cents = v_cents,
        reversals_version = p.reversals_version + 1,
        updated_at = case when p.refunded_cents = v_cents then p.updated_at else v_now end
    where p.user_id = v_purchase.user_id and p.id = p_purchase_id
    returning * into v_purchase;
    return query select a.outcome, a.clawed_back, a.balance from credits._apply_reversals(v_purchase, p_request_id) a;
end
$$;

comment on function credits.record_refund is
'Notes how much of a payment is refunded at Stripe now, in all: more than before, or less, since a refund may fail later. It takes the credits back in proportion, into debt where they are spent, or gives them back. p_seen is the reversals_version that find_purchase told before Stripe was asked: if others have noted something since, what was asked may be older than that.
Outcomes: applied, unchanged, pending (the purchase is not completed yet; taken back when it is), outdated (nothing moves: ask Stripe again), currency_mismatch (nothing moves), unknown_purchase.
Errors: UC001 invalid_request, UC008 balance_too_large (less than before).
Idempotency: by nature; with p_seen, any order and any repetition of these calls ends in what Stripe said last.
Locks: the purchase, then the user''s account.';
