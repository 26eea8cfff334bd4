create or replace function credits._protect_ledger() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC017',
        message = format('What %I.%I says for good is never changed or deleted', tg_table_schema, tg_table_name),
        hint = 'Use the functions of the schemas credits and gifts. Correct a mistake by a refund or a grant';
end
$$;

comment on function credits._protect_ledger is
'Trigger: refuses an update, delete or truncate (UC017). Which changes a table allows, such as those of an erasure, its
trigger says';
