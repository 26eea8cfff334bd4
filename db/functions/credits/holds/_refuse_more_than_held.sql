create or replace function credits._refuse_more_than_held(p_requested numeric, p_held numeric) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC015',
        message = 'More than what is reserved cannot be used',
        detail = json_build_object('requested', trim_scale(p_requested), 'reserved', trim_scale(p_held))::text,
        hint = 'Ask for at most what is reserved, or say by overrun how a commit gets the rest';
end
$$;

comment on function credits._refuse_more_than_held is 'Raises UC015 amount_exceeds_reservation';
