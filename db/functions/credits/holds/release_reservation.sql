create or replace function credits.release_reservation(p_reservation_id uuid)
returns table (released numeric, balance numeric, replayed boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_before credits.reservations;
    v_held credits.reservations;
    v_now timestamptz;
    v_balance numeric;
begin
    v_before := credits._lock_reservation(p_reservation_id);
    if v_before.status = 'committed' then
        perform credits._refuse_ended(v_before);
    end if;
    if v_before.balance_after_end is not null then
        return query select v_before.amount, v_before.balance_after_end, true;
        return;
    end if;
    perform credits._check_cap('release', v_before.app_id, 0);
    v_now := credits._now();
    update credits.reservations
    set status = 'released', ended_at = coalesce(ended_at, v_now)
    where account_id = v_before.account_id and id = v_before.id
    returning * into v_held;
    -- Past its time it was free already.
    if v_before.status = 'held' and v_held.organization_id is null then
        perform credits._give_back_dated(v_held.account_id, v_held.id, v_held.amount, 0, v_held.amount, v_held.ended_at);
        perform credits._expire_dated(v_held.account_id);
    end if;
    v_balance := credits._spendable(v_held);
    update credits.reservations
    set balance_after_end = v_balance
    where account_id = v_held.account_id and id = v_held.id
    returning * into v_held;
    return query select v_held.amount, v_held.balance_after_end, false;
end
$$;

comment on function credits.release_reservation(uuid) is
'Frees what was set aside, and gives it up. The credits of a hold past its time are free already; releasing it moves nothing, and it cannot be committed late any more.
Errors: UC011 reservation_not_found, UC013 reservation_already_committed, UC016 cap_exceeded.
Idempotency: by the reservation; a retry returns the first result with replayed = true.
Locks: the pool or the user''s balance, then the reservation.';
