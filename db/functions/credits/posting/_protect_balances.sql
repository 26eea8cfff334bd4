create or replace function credits._protect_balances() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' then
        if credits._is_erasure(to_jsonb(old), to_jsonb(new)) then
            return new;
        end if;
    end if;
    perform credits._refuse_direct_write(tg_table_schema, tg_table_name);
    return null;
end
$$;

comment on function credits._protect_balances() is
    'Trigger: refuses every change of an amount that does not come from the trigger that folds the ledger, and every delete (UC017), but for an erasure that changes nothing else';
