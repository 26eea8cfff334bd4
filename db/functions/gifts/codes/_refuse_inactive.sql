create or replace function gifts._refuse_inactive(p_status gifts.gift_status) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UG002',
        message = 'This gift can no longer be used',
        detail = json_build_object('status', p_status)::text,
        hint = 'Ask its creator for another one';
end
$$;

comment on function gifts._refuse_inactive is 'Raises UG002 gift_not_active';
