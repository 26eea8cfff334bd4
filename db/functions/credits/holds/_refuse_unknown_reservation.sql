create or replace function credits._refuse_unknown_reservation(p_reservation_id uuid) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC011',
        message = 'There is no such reservation',
        detail = json_build_object('reservationId', p_reservation_id)::text,
        hint = 'Take the reservationId that credits.reserve_credits returned';
end
$$;

comment on function credits._refuse_unknown_reservation is 'Raises UC011 reservation_not_found';
