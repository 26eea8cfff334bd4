create or replace function credits._refuse_row(p_account text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC017',
        message = format('A ledger row must be well-formed and continue the chain of %s', p_account),
        hint = 'Move credits with the functions of the schemas credits and gifts';
end
$$;

comment on function credits._refuse_row(text) is 'Raises UC017 for a ledger row that no function would write';
