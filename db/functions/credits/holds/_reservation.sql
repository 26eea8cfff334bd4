create or replace function credits._reservation(p_reservation_id uuid) returns credits.reservations
language plpgsql stable
as $$
declare
    v_held credits.reservations;
begin
    select * into v_held from credits.reservations r where r.id = p_reservation_id;
    if not found then
        perform credits._refuse_unknown(
            'reservationId', p_reservation_id::text, 'UC011', 'There is no such reservation'
        );
    end if;
    return v_held;
end
$$;

comment on function credits._reservation is 'The hold with an id, whosever it is. Raises UC011 reservation_not_found';
