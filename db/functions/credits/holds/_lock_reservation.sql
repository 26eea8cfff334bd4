create or replace function credits._lock_reservation(p_reservation_id uuid) returns credits.reservations
language plpgsql
as $$
declare
    v_held credits.reservations;
begin
    -- First whose it is, then that account's lock, then the reservation as it is under the lock.
    loop
        select * into v_held from credits.reservations r where r.id = p_reservation_id;
        if not found then
            perform credits._refuse_unknown_reservation(p_reservation_id);
        end if;
        perform credits._lock_account(v_held.account_id, v_held.kind);
        select * into v_held
        from credits.reservations r
        where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id;
        -- If not, its owner has been erased while the lock was waited for: the pseudonym has it now.
        exit when found;
    end loop;
    return v_held;
end
$$;

comment on function credits._lock_reservation is
'Locks the account of a reservation, brings it up to this moment, and returns the reservation as it is then. Raises
UC011';
