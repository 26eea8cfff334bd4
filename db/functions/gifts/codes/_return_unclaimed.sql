create or replace function gifts._return_unclaimed(p_gift gifts.gift_codes, p_status gifts.gift_status)
returns credits.transactions
language plpgsql
as $$
declare
    v_row credits.transactions := credits._post_transaction(
        credits._lock_balance(p_gift.creator_id, p_create => false),
        'gift',
        p_gift.total_credits - p_gift.credits_per_portion * p_gift.claimed_portions,
        case when p_status = 'cancelled' then 'Gift cancelled' else 'Gift expired' end,
        p_reference_id => p_gift.id::text,
        p_reversal => true
    );
    v_charge credits.transactions;
begin
    update gifts.gift_codes
    set status = p_status, refunded_credits = v_row.amount, refund_transaction_id = v_row.id, updated_at = v_row.created_at
    where code = p_gift.code;
    select * into v_charge
    from credits.transactions
    where user_id = p_gift.creator_id and id = p_gift.reservation_transaction_id;
    perform credits._restore_dated(v_charge, 0, v_row.amount, v_row.created_at);
    return v_row;
end
$$;

comment on function gifts._return_unclaimed(gifts.gift_codes, gifts.gift_status) is
    'Gives the unclaimed credits of an active gift, which the caller has locked, back to its creator: a reversal, which lowers total_spent. '
    'Locks the creator''s balance';
