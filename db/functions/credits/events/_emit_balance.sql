create or replace function credits._emit_balance(
    p_account_id text, p_kind credits.account_kind, p_sequence bigint, p_low_balance_at numeric
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_pool constant boolean := p_kind = 'pool';
    v_guild_id constant text := case when v_is_pool then p_account_id end;
    v_user_id text;
    v_owned numeric;
    v_standing jsonb;
    v_entry credits.entries;
begin
    select * into v_entry
    from credits.entries e
    where e.account_id = p_account_id and e.kind = p_kind and e.sequence = p_sequence;
    v_user_id := case when v_is_pool then v_entry.other_id else p_account_id end;
    v_owned := v_entry.available + v_entry.reserved - v_entry.debt;
    v_standing := jsonb_strip_nulls(jsonb_build_object(
        'userId', v_user_id,
        'guildId', v_guild_id,
        'balance', trim_scale(v_entry.available - v_entry.debt),
        'reserved', trim_scale(v_entry.reserved)
    ));
    perform credits._emit('balance.changed', v_user_id, v_guild_id, v_standing || jsonb_strip_nulls(jsonb_build_object(
        'transactionId', v_entry.id,
        'type', v_entry.type,
        'amount', trim_scale(v_entry.amount),
        'appId', v_entry.app_id
    )));
    -- From above to it or below: once, until it has risen above again. That of a pool is about no member.
    if v_owned <= p_low_balance_at and v_owned - v_entry.amount > p_low_balance_at then
        perform credits._emit(
            'balance.low', case when not v_is_pool then v_user_id end, v_guild_id,
            case when v_is_pool then v_standing - 'userId' else v_standing end
                || jsonb_build_object('threshold', trim_scale(p_low_balance_at))
        );
    end if;
end
$$;

comment on function credits._emit_balance is
    'Writes what an entry means for who listens: that the balance changed, and that it fell to its alert if it did';
