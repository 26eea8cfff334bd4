create or replace function credits.record_reversal(
    p_user_id text, p_purchase_id uuid, p_cents bigint, p_stripe_dispute_id text default null,
    p_status text default null, p_currency text default 'eur', p_seen integer default null,
    p_request_id text default null
) returns table (outcome text)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_disputed constant boolean := p_stripe_dispute_id is not null;
    v_purchase credits.purchases;
    v_known credits.purchase_disputes;
    v_cents bigint;
    v_same boolean;
    v_now timestamptz;
begin
    if v_disputed and (p_status = any (enum_range(null::credits.dispute_status)::text[])) is not true then
        perform credits._refuse_invalid('status', 'must be open, won or lost');
    end if;
    if p_cents is null then
        perform credits._refuse_invalid('cents', 'must be a number of cents');
    end if;
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    select * into v_known
    from credits.purchase_disputes d
    where d.user_id = v_purchase.user_id
        and d.purchase_id = p_purchase_id
        and d.stripe_dispute_id = p_stripe_dispute_id;
    v_cents := greatest(0, least(p_cents, v_purchase.price_euro_cents));
    v_same := case
        when v_disputed then (v_known.amount_cents = v_cents and v_known.status::text = p_status) is true
        else v_purchase.refunded_cents = v_cents
    end;
    outcome := case
        when v_purchase.id is null then 'unknown_purchase'
        when v_purchase.currency is distinct from p_currency then 'currency_mismatch'
        -- What is known already counts, whoever noted something since.
        when p_seen <> v_purchase.reversals_version and not v_same then 'outdated'
    end;
    if outcome is not null then
        return next;
        return;
    end if;
    v_now := credits._now();
    if v_disputed and not v_same then
        insert into credits.purchase_disputes as d (user_id, purchase_id, stripe_dispute_id, amount_cents, status)
        values (v_purchase.user_id, p_purchase_id, p_stripe_dispute_id, v_cents, p_status::credits.dispute_status)
        on conflict (user_id, purchase_id, stripe_dispute_id) do update
            set amount_cents = excluded.amount_cents, status = excluded.status, updated_at = v_now;
    end if;
    update credits.purchases p
    set
        refunded_cents = case when v_disputed then p.refunded_cents else v_cents end,
        reversals_version = p.reversals_version + 1,
        updated_at = case when v_disputed or v_same then p.updated_at else v_now end
    where p.user_id = v_purchase.user_id and p.id = p_purchase_id
    returning * into v_purchase;
    outcome := credits._apply_reversals(v_purchase, p_request_id);
    return next;
end
$$;

comment on function credits.record_reversal is
'Notes how a payment stands at Stripe now: how much of it is refunded in all, or with p_stripe_dispute_id how that
dispute stands. It may be less than before, since a refund may fail; open and lost disputes take back, won ones give
back. Credits are taken in proportion to p_cents, into debt where they are spent. p_seen is the reversals_version that
find_purchase told before Stripe was asked. If others have noted something since, what was asked may be older.
Outcomes: applied, unchanged, pending (the purchase is not completed yet; taken back when it is), outdated (nothing
moves: ask Stripe again), currency_mismatch (nothing moves), unknown_purchase.
Errors: UC001 invalid_request, UC008 balance_too_large (less than before).
Idempotency: by nature; with p_seen, any order and any repetition of these calls ends in what Stripe said last.
Locks: the purchase, then the user''s account.';
