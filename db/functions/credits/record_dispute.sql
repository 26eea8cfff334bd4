create or replace function credits.record_dispute(
    p_user_id text, p_purchase_id uuid, p_stripe_dispute_id text, p_amount_cents bigint, p_status text,
    p_currency text default 'eur'
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
    if p_status is null or p_status <> all (enum_range(null::credits.dispute_status)::text[]) then
        perform credits._refuse_invalid('status', 'must be open, won or lost');
    end if;
    if p_amount_cents is null then
        perform credits._refuse_invalid('amountCents', 'must be a number of cents');
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
    insert into credits.purchase_disputes as d (user_id, purchase_id, stripe_dispute_id, amount_cents, status)
    values (
        p_user_id, p_purchase_id, p_stripe_dispute_id, greatest(0, least(p_amount_cents, v_purchase.price_euro_cents)),
        p_status::credits.dispute_status
    )
    -- A closed dispute stays closed, though the news of its opening may come later.
    on conflict (user_id, purchase_id, stripe_dispute_id) do update
        set status = excluded.status, updated_at = v_now
        where d.status = 'open';
    return query select a.outcome, a.clawed_back, a.balance from credits._apply_reversals(v_purchase) a;
end
$$;

comment on function credits.record_dispute(text, uuid, text, bigint, text, text) is
'Notes a dispute about a payment: open and lost take the credits back in proportion, into debt where they are spent; won gives them back.
Outcomes: applied, unchanged, pending (the purchase is not completed yet; taken back when it is), currency_mismatch (nothing moves), unknown_purchase.
Errors: UC001 invalid_request, UC008 balance_too_large (won).
Idempotency: by nature; any order and any repetition of these calls ends in the same state.
Locks: the purchase, then the user''s balance.';
