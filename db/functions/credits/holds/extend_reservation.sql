create or replace function credits.extend_reservation(p_reservation_id uuid, p_expires_in_seconds integer)
returns table (reservation_id uuid, expires_at timestamptz)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_now timestamptz;
    v_end timestamptz;
begin
    perform credits._check_hold_length(p_expires_in_seconds);
    v_held := credits._lock_reservation(p_reservation_id);
    perform credits._refuse_ended(v_held);
    -- The day's amount was counted when the credits were set aside.
    perform credits._check_cap('reserve', v_held.app_id, 0);
    v_now := credits._now();
    v_end := v_now + make_interval(secs => p_expires_in_seconds);
    if v_held.status = 'held' then
        update credits.reservations r
        set
            expires_at = v_end,
            extended_at = v_now,
            first_expires_at = coalesce(r.first_expires_at, r.expires_at)
        where r.account_id = v_held.account_id and r.id = v_held.id
        returning * into v_held;
    else
        v_held.continues := p_reservation_id;
        v_held.idempotency_key := null;
        v_held.created_at := v_now;
        v_held.expires_at := v_end;
        v_held := credits._hold(v_held, credits._spendable(v_held));
    end if;
    return query select p_reservation_id, v_held.expires_at;
end
$$;

comment on function credits.extend_reservation(uuid, integer) is
'Lets a hold last p_expires_in_seconds (1 second to 30 days) from now on, whether that is longer or shorter than it had left. A hold past its time is held again if its credits are there: those that expire soonest first, and counted towards the member''s limits of today.
Errors: UC001 invalid_request, UC011 reservation_not_found, UC012 reservation_already_released, UC013 reservation_already_committed, UC014 reservation_expired (of somebody erased since), UC016 cap_exceeded (as reserve), UC002 insufficient_credits, UC003 spending_limit_exceeded (both only of a hold past its time).
Idempotency: by nature; a repetition counts from its own moment.
Locks: the pool or the user''s balance, then the reservation.';
