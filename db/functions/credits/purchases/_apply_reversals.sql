create or replace function credits._apply_reversals(p_purchase credits.purchases, p_request_id text)
returns table (outcome text, clawed_back numeric, balance numeric)
language plpgsql
rows 1
as $$
declare
    v_cents bigint;
    v_change numeric;
    v_entry credits.posted;
begin
    select p_purchase.refunded_cents + coalesce(sum(d.amount_cents), 0) into v_cents
    from credits.purchase_disputes d
    where d.user_id = p_purchase.user_id and d.purchase_id = p_purchase.id and d.status <> 'won';
    clawed_back := case
        when p_purchase.status <> 'completed' then 0
        else round(p_purchase.credits * least(v_cents, p_purchase.price_euro_cents) / p_purchase.price_euro_cents, 6)
    end;
    v_change := clawed_back - p_purchase.clawed_back_credits;
    outcome := case when p_purchase.status <> 'completed' then 'pending' when v_change = 0 then 'unchanged' else 'applied' end;
    if outcome <> 'applied' then
        return next;
        return;
    end if;
    perform credits._lock_account(p_purchase.user_id, 'person');
    -- Lots are taken in the name of the purchase, so that giving back restores what taking back took.
    v_entry := credits._post(
        p_purchase.user_id, 'person', 'clawback', -v_change, 0,
        case when v_change > 0 then 'Payment refunded or disputed' else 'Refund failed or dispute won' end,
        p_reference_id => p_purchase.id::text,
        p_reversal => v_change < 0,
        p_due_after => case when v_change < 0 then credits._first_end_of(p_purchase.user_id, p_purchase.id) end,
        p_cause_id => p_purchase.id,
        p_request_id => p_request_id
    );
    if v_change < 0 then
        perform credits._give_back_lots(
            p_purchase.user_id, p_purchase.id, p_purchase.clawed_back_credits, -v_change, v_entry.created_at
        );
        perform credits._settle(p_purchase.user_id, 'person');
    end if;
    if credits._is_pseudonym(p_purchase.user_id) then
        perform credits._forfeit(p_purchase.user_id, p_request_id);
    end if;
    update credits.purchases p
    set clawed_back_credits = clawed_back, updated_at = v_entry.created_at
    where p.user_id = p_purchase.user_id and p.id = p_purchase.id;
    select l.available - l.debt into balance from credits._last_entry(p_purchase.user_id, 'person') l;
    return next;
end
$$;

comment on function credits._apply_reversals is
'Makes what is clawed back for a purchase, locked by the caller, match the refunds and disputes of its payment. One
entry of type clawback moves the difference, into debt where the credits are spent. Locks the user''s account';
