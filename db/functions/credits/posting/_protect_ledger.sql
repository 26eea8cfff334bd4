create or replace function credits._protect_ledger() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC017',
        message = format('Rows of %I.%I are never changed or deleted', tg_table_schema, tg_table_name),
        hint = 'Correct a mistake by a new entry: a refund or a grant';
end
$$;

comment on function credits._protect_ledger() is
    'Trigger: refuses every update, delete and truncate of an append-only table (UC017). An update that its trigger lets past is one that an erasure may make';
