create or replace function credits._refuse_ended(p_held credits.reservations) returns void
language plpgsql
as $$
begin
    -- One past its time can still be used.
    if p_held.status = 'held' or (p_held.status = 'expired' and not credits._is_pseudonym(p_held.user_id)) then
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
'Raises UC012 reservation_already_released or UC013 reservation_already_committed. UC014 reservation_expired only for a
hold of somebody erased since';
