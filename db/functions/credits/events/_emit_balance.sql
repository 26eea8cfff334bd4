create or replace function credits._emit_balance(p_entry credits.entries, p_low_balance_at numeric) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_pool constant boolean := p_entry.kind = 'pool';
    v_user_id constant text := case when v_is_pool then p_entry.other_id else p_entry.account_id end;
    v_guild_id constant text := case when v_is_pool then p_entry.account_id end;
    v_owned constant numeric := p_entry.available + p_entry.reserved - p_entry.debt;
    v_standing constant jsonb := jsonb_strip_nulls(jsonb_build_object(
        'userId', v_user_id,
        'guildId', v_guild_id,
        'balance', trim_scale(p_entry.available - p_entry.debt),
        'reserved', trim_scale(p_entry.reserved)
    ));
begin
    perform credits._emit('balance.changed', v_user_id, v_guild_id, v_standing || jsonb_strip_nulls(jsonb_build_object(
        'transactionId', p_entry.id,
        'type', p_entry.type,
        'amount', trim_scale(p_entry.amount),
        'appId', p_entry.app_id
    )));
    -- From above to it or below: once, until it has risen above again. Of a pool it is about nobody.
    if v_owned <= p_low_balance_at and v_owned - p_entry.amount > p_low_balance_at then
        perform credits._emit(
            'balance.low', case when not v_is_pool then v_user_id end, v_guild_id,
            case when v_is_pool then v_standing - 'userId' else v_standing end
                || jsonb_build_object('threshold', trim_scale(p_low_balance_at))
        );
    end if;
end
$$;

comment on function credits._emit_balance(credits.entries, numeric) is
    'Writes what an entry means for who listens: that the balance changed, and that it fell to its alert if it did';
