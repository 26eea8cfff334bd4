create or replace function credits._refuse_part_of_erasure() returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC017',
        message = 'A person is erased as a whole',
        hint = 'Use credits.erase_user';
end
$$;

comment on function credits._refuse_part_of_erasure() is 'Raises UC017';
