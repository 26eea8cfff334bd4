create or replace function credits._protect_ledger() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' then
        if credits._is_erasure(to_jsonb(old), to_jsonb(new)) then
            return new;
        end if;
    end if;
    raise exception using
        errcode = 'UC017',
        message = format('Rows of %I.%I are never changed or deleted', tg_table_schema, tg_table_name),
        hint = 'Correct a mistake by a new entry: a refund or a grant';
end
$$;

comment on function credits._protect_ledger() is
    'Trigger: refuses every update, delete and truncate of an append-only table (UC017), but for an erasure that changes nothing else';
