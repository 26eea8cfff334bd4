create or replace function credits.extend_reservation(
    p_reservation_id uuid, p_expires_in_seconds integer, p_request_id text default null, p_caller text default null
) returns table (reservation_id uuid, expires_at timestamptz)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_entry credits.posted;
begin
    perform credits._check_hold_length(p_expires_in_seconds);
    v_held := credits._lock_reservation(p_reservation_id);
    perform credits._refuse_ended(v_held);
    -- The day's amount was counted when the credits were set aside.
    perform credits._check_cap('reserve', v_held.app_id, 0, p_caller);
    -- Past its time it is held anew.
    if v_held.status = 'held' then
        v_held.amount := 0;
    else
        v_held.spending_day := credits._limits_day();
    end if;
    v_entry := credits._post(
        v_held.account_id, v_held.kind, 'hold', 0, v_held.amount, v_held.reason, v_held.app_id,
        p_other_id => case when v_held.kind = 'pool' then v_held.user_id end,
        p_reference_id => p_reservation_id::text,
        p_ends_at => credits._now() + make_interval(secs => p_expires_in_seconds),
        p_spending_day => v_held.spending_day, p_cause_id => p_reservation_id, p_request_id => p_request_id
    );
    update credits.reservations r
    set status = 'held', spending_day = v_entry.spending_day, expires_at = v_entry.ends_at, ended_at = null
    where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id;
    return query select p_reservation_id, v_entry.ends_at;
end
$$;

comment on function credits.extend_reservation is
'Lets a hold last p_expires_in_seconds (1 second to 30 days) from now on, whether that is longer or shorter than it had
left. A hold past its time is held again if its credits are there. Those that expire soonest go first; it counts towards
the member''s limits of today.
Errors: UC001 invalid_request, UC011 reservation_not_found, UC012 reservation_already_released, UC013
reservation_already_committed, UC014 reservation_expired (of somebody erased since), UC016 cap_exceeded (as reserve),
UC023 account_frozen, UC002 insufficient_credits, UC003 spending_limit_exceeded (these three only of a hold past its
time).
Idempotency: by nature; a retry counts from its own moment.
Locks: the pool, or the user''s account.';
