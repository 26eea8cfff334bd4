create or replace function credits._emit_balance(
    p_account_id text, p_kind credits.account_kind, p_sequence bigint, p_low_balance_at numeric
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_guild_id constant text := case p_kind when 'pool' then p_account_id end;
    v_user_id text;
    v_owned numeric;
    v_entry credits.entries;
begin
    select * into v_entry
    from credits.entries e
    where e.account_id = p_account_id and e.kind = p_kind and e.sequence = p_sequence;
    v_user_id := case p_kind when 'person' then p_account_id else v_entry.other_id end;
    v_owned := v_entry.available + v_entry.reserved - v_entry.debt;
    perform credits._emit('balance.changed', v_user_id, v_guild_id, jsonb_strip_nulls(jsonb_build_object(
        'userId', v_user_id,
        'guildId', v_guild_id,
        'transactionId', v_entry.id,
        'type', v_entry.type,
        'amount', trim_scale(v_entry.amount),
        'balance', trim_scale(v_owned - v_entry.reserved),
        'reserved', trim_scale(v_entry.reserved),
        'appId', v_entry.app_id
    )));
    -- From above to it or below: once, until it has risen above again.
    if v_owned <= p_low_balance_at and v_owned - v_entry.amount > p_low_balance_at then
        perform credits._emit(
            'balance.low', case when v_guild_id is null then v_user_id end, v_guild_id,
            jsonb_strip_nulls(jsonb_build_object(
                'userId', case when v_guild_id is null then v_user_id end,
                'guildId', v_guild_id,
                'threshold', trim_scale(p_low_balance_at),
                'balance', trim_scale(v_owned - v_entry.reserved),
                'reserved', trim_scale(v_entry.reserved)
            ))
        );
    end if;
end
$$;

comment on function credits._emit_balance is
    'Writes what an entry means for who listens: that the balance changed, and that it fell to its alert if it did';
