create or replace function credits._apply_reversals(p_purchase credits.purchases)
returns table (outcome text, clawed_back numeric, balance numeric)
language plpgsql
rows 1
as $$
declare
    v_cents bigint;
    v_target numeric;
    v_change numeric;
    v_row credits.transactions;
begin
    select p_purchase.refunded_cents + coalesce(sum(d.amount_cents), 0) into v_cents
    from credits.purchase_disputes d
    where d.user_id = p_purchase.user_id and d.purchase_id = p_purchase.id and d.status <> 'won';
    v_target := round(
        p_purchase.credits * least(v_cents, p_purchase.price_euro_cents) / p_purchase.price_euro_cents, 6
    );
    v_change := v_target - p_purchase.clawed_back_credits;
    if p_purchase.status <> 'completed' then
        return query select 'pending', 0::numeric, null::numeric;
        return;
    end if;
    if v_change = 0 then
        return query select 'unchanged', v_target, null::numeric;
        return;
    end if;
    v_row := credits._post_transaction(
        credits._lock_balance(p_purchase.user_id, p_create => false),
        'clawback',
        -v_change,
        case when v_change > 0 then 'Payment refunded or disputed' else 'Refund failed or dispute won' end,
        p_reference_id => p_purchase.id::text,
        p_reversal => v_change < 0,
        p_take_dated => false
    );
    -- Counted under the purchase, so that giving back restores the dated credits that taking back took.
    if v_change > 0 then
        perform credits._take_dated(p_purchase.user_id, p_purchase.id, v_change, v_row.created_at);
    else
        perform credits._give_back_dated(
            p_purchase.user_id, p_purchase.id, p_purchase.clawed_back_credits, 0, -v_change, v_row.created_at
        );
        perform credits._expire_dated(p_purchase.user_id);
    end if;
    if credits._is_pseudonym(p_purchase.user_id) then
        perform credits._forfeit(p_purchase.user_id);
    end if;
    update credits.purchases p
    set clawed_back_credits = v_target, updated_at = v_row.created_at
    where p.user_id = p_purchase.user_id and p.id = p_purchase.id;
    return query select 'applied', v_target, b.balance from credits.balances b where b.user_id = p_purchase.user_id;
end
$$;

comment on function credits._apply_reversals(credits.purchases) is
    'Makes what is clawed back for a purchase, which the caller has locked, match what is refunded and disputed of its payment: '
    'one ledger row of type clawback for the difference. Locks the user''s balance';
