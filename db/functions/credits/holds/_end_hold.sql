create or replace function credits._end_hold(
    p_account_id text,
    p_hold_id uuid,
    p_status credits.reservation_status,
    p_moment timestamptz,
    p_request_id text default null
) returns void
language plpgsql
as $$
declare
    v_held credits.reservations;
begin
    -- Before the entry, which says when the next hold ends.
    update credits.reservations r
    set status = p_status, ended_at = p_moment
    where r.account_id = p_account_id and r.id = p_hold_id
    returning * into v_held;
    -- As it was.
    v_held.status := 'held';
    perform credits._use_held(
        v_held, 0, v_held.amount, v_held.reason, p_request_id => p_request_id, p_moment => p_moment
    );
    if p_status = 'expired' then
        perform credits._emit(
            'hold.expired', v_held.user_id, case when v_held.kind = 'pool' then p_account_id end,
            jsonb_strip_nulls(jsonb_build_object(
                'userId', v_held.user_id,
                'guildId', case when v_held.kind = 'pool' then p_account_id end,
                'reservationId', p_hold_id,
                'amount', trim_scale(v_held.amount),
                'expiredAt', credits._utc(v_held.expires_at)
            ))
        );
    end if;
end
$$;

comment on function credits._end_hold is
'Frees an open hold at p_moment by an entry of type release. It is released, or its time was over (expired). What it
took of lots goes back to them; _settle ends those that are over. The caller has locked the account';
