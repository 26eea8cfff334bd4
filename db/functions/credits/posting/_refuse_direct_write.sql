create or replace function credits._refuse_direct_write(p_schema text, p_table text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC017',
        message = format('%I.%I follows its ledger and is never written directly', p_schema, p_table),
        hint = 'Move credits with the functions of the schemas credits and gifts';
end
$$;

comment on function credits._refuse_direct_write(text, text) is 'Raises UC017: a table that follows a ledger was written by hand';
