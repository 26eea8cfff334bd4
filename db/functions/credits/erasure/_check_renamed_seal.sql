create or replace function credits._check_renamed_seal() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from credits.transactions t where t.user_id = new.user_id and t.id = new.id) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;

comment on function credits._check_renamed_seal() is
    'Trigger, at the end of the transaction: refuses to give a seal a pseudonym without the ledger row that it is of (UC017). '
    'Runs as the owner, since whoever commits may not read the tables';
