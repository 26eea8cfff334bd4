create or replace function credits._refuse_ended(p_held credits.reservations) returns void
language plpgsql
as $$
begin
    if credits._is_open(p_held) then
        return;
    end if;
    raise exception using
        errcode = case p_held.status when 'released' then 'UC012' when 'committed' then 'UC013' else 'UC014' end,
        message = format('This reservation is already %s', p_held.status),
        detail = json_build_object('reservationId', p_held.id, 'status', p_held.status)::text,
        hint = 'Make a new reservation';
end
$$;

comment on function credits._refuse_ended is
'Raises UC012 reservation_already_released, UC013 reservation_already_committed or UC014 reservation_expired, this one
only of somebody who has been erased since';
