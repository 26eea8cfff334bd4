create or replace function credits.release_reservation(p_reservation_id uuid, p_request_id text default null, p_caller text default null)
returns table (released numeric, balance numeric, replayed boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_last credits.entries;
    v_replayed boolean;
begin
    v_held := credits._lock_reservation(p_reservation_id);
    if v_held.status = 'committed' then
        perform credits._refuse_ended(v_held);
    end if;
    v_replayed := v_held.balance_after_end is not null;
    if not v_replayed then
        perform credits._check_cap('release', v_held.app_id, 0, p_caller);
        -- Past its time it was free already.
        if v_held.status = 'held' then
            perform credits._end_hold(v_held.account_id, p_reservation_id, 'released', credits._now(), p_request_id);
            perform credits._settle(v_held.account_id, v_held.kind);
        end if;
        v_last := credits._last_entry(v_held.account_id, v_held.kind);
        update credits.reservations r
        set status = 'released', balance_after_end = v_last.available - v_last.debt
        where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id
        returning * into v_held;
    end if;
    return query select
        case when v_held.ended_at < v_held.expires_at then v_held.amount else 0 end, v_held.balance_after_end, v_replayed;
end
$$;

comment on function credits.release_reservation is
'Frees what was set aside, and gives it up. The credits of a hold past its time are free already; releasing it moves
nothing (released is 0), and it cannot be committed late any more.
Errors: UC011 reservation_not_found, UC013 reservation_already_committed, UC016 cap_exceeded.
Idempotency: by the reservation; a retry returns the first result with replayed = true.
Locks: the pool, or the user''s account.';
