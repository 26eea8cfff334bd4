create or replace function gifts._refuse_unknown() returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UG001',
        message = 'There is no such gift',
        hint = 'Check the code for a typing mistake';
end
$$;

comment on function gifts._refuse_unknown is 'Raises UG001 gift_not_found';
