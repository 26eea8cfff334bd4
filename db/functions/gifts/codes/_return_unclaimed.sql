create or replace function gifts._return_unclaimed(
    p_gift gifts.gift_codes, p_status gifts.gift_status, p_request_id text default null
) returns credits.entries
language plpgsql
as $$
declare
    v_charge credits.entries := credits._of_id(p_gift.creator_id, 'person', p_gift.reservation_transaction_id);
    v_back credits.entries;
begin
    perform credits._post(
        p_gift.creator_id, 'person', 'gift', p_gift.total_credits - p_gift.credits_per_portion * p_gift.claimed_portions, 0,
        case when p_status = 'cancelled' then 'Gift cancelled' else 'Gift expired' end,
        p_reference_id => p_gift.id::text, p_reversal => true, p_due_after => credits._first_end(v_charge), p_request_id => p_request_id
    );
    v_back := credits._last_entry(p_gift.creator_id, 'person');
    update gifts.gift_codes
    set status = p_status, refunded_credits = v_back.amount, refund_transaction_id = v_back.id, updated_at = v_back.created_at
    where code = p_gift.code;
    perform credits._restore_lots(v_charge, 0, v_back);
    return v_back;
end
$$;

comment on function gifts._return_unclaimed is
'Gives the unclaimed credits of an active gift back to its creator: a reversal, which lowers total_spent. The caller has
locked the gift and the creator''s account';
