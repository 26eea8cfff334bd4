create or replace function credits._assign_package_id() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.id := credits._new_id();
    return new;
end
$$;

comment on function credits._assign_package_id() is 'Trigger: gives a package its id, so that a DBA adds one with a plain insert';
