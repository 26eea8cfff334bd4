create or replace function gifts._claim_portion(
    p_gift gifts.gift_codes, p_user_id text, p_source_app_id text default null, p_idempotency_key text default null,
    p_request_id text default null
) returns credits.entries
language plpgsql
as $$
declare
    v_portion constant integer := p_gift.claimed_portions + 1;
    v_entry credits.entries;
begin
    perform credits._post(
        p_user_id, 'person', 'gift', p_gift.credits_per_portion, 0, 'Gift redeemed', p_source_app_id, p_idempotency_key,
        p_reference_id => p_gift.id::text, p_request_id => p_request_id
    );
    v_entry := credits._last_entry(p_user_id, 'person');
    insert into gifts.gift_redemptions (
        code, id, gift_code_id, redeemer_user_id, status, credits_received, portion_number, credit_transaction_id,
        source_app_id, created_at
    )
    values (
        p_gift.code, v_entry.id, p_gift.id, p_user_id, 'success', p_gift.credits_per_portion, v_portion, v_entry.id,
        p_source_app_id, v_entry.created_at
    );
    update gifts.gift_codes
    set
        claimed_portions = v_portion,
        status = case when v_portion = total_portions then 'depleted' else status end,
        updated_at = v_entry.created_at
    where code = p_gift.code;
    perform credits._emit('gift.redeemed', p_user_id, null, jsonb_build_object(
        'userId', p_user_id,
        'giftId', p_gift.id,
        'transactionId', v_entry.id,
        'credits', trim_scale(p_gift.credits_per_portion),
        'portionNumber', v_portion,
        'totalPortions', p_gift.total_portions
    ));
    return v_entry;
end
$$;

comment on function gifts._claim_portion is
'Gives the next portion of a gift to a person: an entry, a redemption under the same id, and the gift has one less. The
caller has locked the gift, then the account, and checked that it may';
