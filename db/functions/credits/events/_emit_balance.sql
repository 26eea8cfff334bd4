create or replace function credits._emit_balance(p_entry credits.entries, p_low_balance_at numeric) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_owned constant numeric := p_entry.available + p_entry.reserved - p_entry.debt;
    v_user_id constant text := case p_entry.kind when 'person' then p_entry.account_id else p_entry.other_id end;
    v_guild_id constant text := case p_entry.kind when 'pool' then p_entry.account_id end;
begin
    perform credits._emit('balance.changed', v_user_id, v_guild_id, jsonb_strip_nulls(jsonb_build_object(
        'userId', v_user_id,
        'guildId', v_guild_id,
        'transactionId', p_entry.id,
        'type', p_entry.type,
        'amount', trim_scale(p_entry.amount),
        'balance', trim_scale(v_owned - p_entry.reserved),
        'reserved', trim_scale(p_entry.reserved),
        'appId', p_entry.app_id
    )));
    -- From above to it or below: once, until it has risen above again.
    if v_owned <= p_low_balance_at and v_owned - p_entry.amount > p_low_balance_at then
        perform credits._emit(
            'balance.low', case when v_guild_id is null then v_user_id end, v_guild_id,
            jsonb_strip_nulls(jsonb_build_object(
                'userId', case when v_guild_id is null then v_user_id end,
                'guildId', v_guild_id,
                'threshold', trim_scale(p_low_balance_at),
                'balance', trim_scale(v_owned - p_entry.reserved),
                'reserved', trim_scale(p_entry.reserved)
            ))
        );
    end if;
end
$$;

comment on function credits._emit_balance(credits.entries, numeric) is
    'Writes what an entry means for who listens: that the balance changed, and that it fell to its alert if it did';
