create or replace function credits._lock_reservation(p_reservation_id uuid) returns credits.reservations
language plpgsql
as $$
declare
    v_held credits.reservations;
begin
    -- First whose it is, then that account's lock, then the hold as it is under the lock.
    loop
        v_held := credits._reservation(p_reservation_id);
        perform credits._lock_account(v_held.account_id, v_held.kind);
        select * into v_held
        from credits.reservations r
        where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id;
        -- Otherwise its owner was erased while the lock was waited for, and the pseudonym has it now.
        exit when found;
    end loop;
    return v_held;
end
$$;

comment on function credits._lock_reservation is
'Locks the account of a hold, brings it up to this moment, and returns the hold as it is then. Raises UC011';
