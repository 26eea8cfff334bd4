create or replace function credits._emit_balance(
    p_user_id text,
    p_organization_id text,
    p_transaction_id uuid,
    p_type text,
    p_amount numeric,
    p_owned numeric,
    p_reserved numeric,
    p_app_id text,
    p_low_balance_at numeric
) returns void
language plpgsql
as $$
begin
    perform credits._emit('balance.changed', p_user_id, p_organization_id, jsonb_strip_nulls(jsonb_build_object(
        'userId', p_user_id,
        'guildId', p_organization_id,
        'transactionId', p_transaction_id,
        'type', p_type,
        'amount', trim_scale(p_amount),
        'balance', trim_scale(p_owned - p_reserved),
        'reserved', trim_scale(p_reserved),
        'appId', p_app_id
    )));
    -- From above to it or below: once, until it has risen above again.
    if p_owned <= p_low_balance_at and p_owned - p_amount > p_low_balance_at then
        perform credits._emit(
            'balance.low',
            case when p_organization_id is null then p_user_id end,
            p_organization_id,
            jsonb_strip_nulls(jsonb_build_object(
                'userId', case when p_organization_id is null then p_user_id end,
                'guildId', p_organization_id,
                'threshold', trim_scale(p_low_balance_at),
                'balance', trim_scale(p_owned - p_reserved),
                'reserved', trim_scale(p_reserved)
            ))
        );
    end if;
end
$$;

comment on function credits._emit_balance(text, text, uuid, text, numeric, numeric, numeric, text, numeric) is
    'Writes what a ledger row means for who listens: that the balance changed, and that it fell to its alert if it did. '
    'p_owned is the balance with what is held, which the ledger''s balance_after says';
