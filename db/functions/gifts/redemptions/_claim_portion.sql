create or replace function gifts._claim_portion(
    p_gift gifts.gift_codes, p_balance credits.balances, p_source_app_id text, p_idempotency_key text
) returns credits.transactions
language plpgsql
as $$
declare
    v_row credits.transactions := credits._post_transaction(
        p_balance, 'gift', p_gift.credits_per_portion, 'Gift redeemed', p_source_app_id, p_idempotency_key,
        p_reference_id => p_gift.id::text
    );
begin
    insert into gifts.gift_redemptions (
        code, id, gift_code_id, redeemer_user_id, status, credits_received, portion_number, credit_transaction_id,
        source_app_id, created_at
    )
    values (
        p_gift.code, v_row.id, p_gift.id, p_balance.user_id, 'success', p_gift.credits_per_portion,
        p_gift.claimed_portions + 1, v_row.id, p_source_app_id, v_row.created_at
    );
    perform credits._emit('gift.redeemed', p_balance.user_id, null, jsonb_build_object(
        'userId', p_balance.user_id,
        'giftId', p_gift.id,
        'transactionId', v_row.id,
        'credits', trim_scale(p_gift.credits_per_portion),
        'portionNumber', p_gift.claimed_portions + 1,
        'totalPortions', p_gift.total_portions
    ));
    return v_row;
end
$$;

comment on function gifts._claim_portion(gifts.gift_codes, credits.balances, text, text) is
    'Gives the next portion of a gift to the owner of a balance; the caller has locked both, gift first, and checked that it may';
