create or replace function credits._end_hold(
    p_account_id text,
    p_hold_id uuid,
    p_status credits.reservation_status,
    p_moment timestamptz,
    p_request_id text default null,
    p_uncollected numeric default 0
) returns void
language plpgsql
as $$
declare
    v_held credits.reservations;
    v_entry credits.posted;
begin
    -- Before the entry, which says when the next of them ends.
    update credits.reservations r
    set status = p_status, ended_at = p_moment, uncollected = p_uncollected
    where r.account_id = p_account_id and r.id = p_hold_id
    returning * into v_held;
    v_entry := credits._post(
        p_account_id, v_held.kind, 'release', 0, -v_held.amount, v_held.reason, v_held.app_id,
        p_other_id => case when v_held.kind = 'pool' then v_held.user_id end, p_reference_id => p_hold_id::text,
        p_ends_at => p_moment, p_due_after => credits._first_end_of(p_account_id, p_hold_id), p_spending_day => v_held.spending_day,
        p_request_id => p_request_id
    );
    if v_held.kind = 'person' then
        perform credits._give_back_lots(p_account_id, p_hold_id, v_held.amount, v_held.amount, v_entry.created_at);
    end if;
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
'Frees an open hold at p_moment by an entry of type release. It is released, its time was over (expired), or nothing of
it was used (committed), though p_uncollected was asked for. What it took of lots goes back to them; what of that is
over is for _settle. The caller has locked the account';
