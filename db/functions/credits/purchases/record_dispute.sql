create or replace function credits.record_dispute(
    p_user_id text, p_purchase_id uuid, p_stripe_dispute_id text, p_amount_cents bigint, p_status text,
    p_currency text default 'eur', p_seen integer default null, p_request_id text default null
) returns table (outcome text, clawed_back numeric, balance numeric)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_purchase credits.purchases;
    v_known credits.purchase_disputes;
    v_cents integer;
    v_same boolean;
    v_now timestamptz;
begin
    if p_status is null or p_status <> all (enum_range(null::credits.dispute_status)::text[]) then
        perform credits._refuse_invalid('status', 'must be open, won or lost');
    end if;
    if p_amount_cents is null then
        perform credits._refuse_invalid('amountCents', 'must be a number of cents');
    end if;
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    select * into v_known
    from credits.purchase_disputes d
    where d.user_id = v_purchase.user_id and d.purchase_id = p_purchase_id and d.stripe_dispute_id = p_stripe_dispute_id;
    v_cents := greatest(0, least(p_amount_cents, v_purchase.price_euro_cents));
    v_same := (v_known.amount_cents = v_cents and v_known.status::text = p_status) is true;
    outcome := credits._refused_report(v_purchase, p_currency, v_same, p_seen);
    if outcome is not null then
        return next;
        return;
    end if;
    if not v_same then
        v_now := credits._now();
        insert into credits.purchase_disputes as d (user_id, purchase_id, stripe_dispute_id, amount_cents, status)
        values (v_purchase.user_id, p_purchase_id, p_stripe_dispute_id, v_cents, p_status::credits.dispute_status)
        on conflict (user_id, purchase_id, stripe_dispute_id) do update
            set amount_cents = excluded.amount_cents, status = excluded.status, updated_at = v_now;
    end if;
    update credits.purchases p
    set reversals_version = p.reversals_version + 1
    where p.user_id = v_purchase.user_id and p.id = p_purchase_id
    returning * into v_purchase;
    return query select a.outcome, a.clawed_back, a.balance from credits._apply_reversals(v_purchase, p_request_id) a;
end
$$;

comment on function credits.record_dispute is
'Notes how a dispute about a payment stands at Stripe now, whatever it was before. Open and lost take the credits back in proportion to its amount, into debt where they are spent; won gives them back. p_seen is the reversals_version that find_purchase told before Stripe was asked: if others have noted something since, what was asked may be older than that.
Outcomes: applied, unchanged, pending (the purchase is not completed yet; taken back when it is), outdated (nothing moves: ask Stripe again), currency_mismatch (nothing moves), unknown_purchase.
Errors: UC001 invalid_request, UC008 balance_too_large (won, or about less than before).
Idempotency: by nature; with p_seen, any order and any repetition of these calls ends in what Stripe said last.
Locks: the purchase, then the user''s account.';
