create or replace function credits._emit_expiry(p_hold credits.reservations) returns void
language sql
as $$
    select credits._emit('hold.expired', p_hold.user_id, p_hold.organization_id, jsonb_strip_nulls(jsonb_build_object(
        'userId', p_hold.user_id,
        'guildId', p_hold.organization_id,
        'reservationId', coalesce(p_hold.continues, p_hold.id),
        'amount', trim_scale(p_hold.amount),
        'expiredAt', to_char(p_hold.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )))
$$;

comment on function credits._emit_expiry(credits.reservations) is 'Writes that a hold was not used in time';
