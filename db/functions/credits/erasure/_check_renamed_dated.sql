create or replace function credits._check_renamed_dated() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from credits.transactions t where t.user_id = new.user_id and t.id = new.id and t.type = 'grant'
    ) or exists (
        select from credits.dated_movements m where m.user_id = old.user_id and m.dated_id = old.id
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;

comment on function credits._check_renamed_dated() is
    'Trigger, at the end of the transaction: refuses to give dated credits a pseudonym without the ledger row that granted them and the movements that took of them (UC017). '
    'Runs as the owner, since whoever commits may not read the tables';
