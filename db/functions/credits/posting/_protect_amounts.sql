create or replace function credits._protect_amounts() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Not in the trigger's WHEN, which PostgreSQL parses anew in every statement: every debit passes here.
    if current_setting('credits.posting', true) = 'direct' or pg_trigger_depth() > 1 then
        return null;
    end if;
    perform credits._refuse_direct_write(tg_table_schema, tg_table_name);
    return null;
end
$$;

comment on function credits._protect_amounts() is
    'Trigger: refuses every statement that writes what follows a ledger (UC017), but those of the triggers that fold it and of functions that post directly';
