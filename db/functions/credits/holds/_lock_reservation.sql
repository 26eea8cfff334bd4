create or replace function credits._lock_reservation(p_reservation_id uuid) returns credits.reservations
language plpgsql
as $$
declare
    v_first credits.reservations;
    v_held credits.reservations;
begin
    -- First whose it is, then that account's lock, then the reservation as it is under the lock.
    select * into v_first from credits.reservations where id = p_reservation_id and continues is null;
    if found and v_first.organization_id is null then
        perform credits._lock_balance(v_first.account_id, p_create => false);
    elsif found then
        perform credits._lock_pool(v_first.account_id);
    end if;
    select * into v_held
    from credits.reservations
    where account_id = v_first.account_id and continues = p_reservation_id
    order by id desc
    limit 1
    for no key update;
    if found then
        return v_held;
    end if;
    select * into v_held
    from credits.reservations
    where account_id = v_first.account_id and id = p_reservation_id
    for no key update;
    if not found and exists (
        select from credits.reservations r where r.id = p_reservation_id and r.account_id <> v_first.account_id
    ) then
        -- Its owner has been erased while the lock was waited for: the pseudonym has it now.
        return credits._lock_reservation(p_reservation_id);
    end if;
    if not found then
        raise exception using
            errcode = 'UC011',
            message = 'There is no such reservation',
            detail = json_build_object('reservationId', p_reservation_id)::text,
            hint = 'Take the reservationId that credits.reserve_credits returned';
    end if;
    return v_held;
end
$$;

comment on function credits._lock_reservation(uuid) is
    'Locks the account of a reservation, brings it up to this moment, locks the reservation and returns it: of one that was held again after its time, the last row. Raises UC011';
