create or replace function credits._check_renamed_balance() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not credits._is_pseudonym(new.user_id) or not exists (
        select from credits.balances b
        where b.user_id = new.user_id
            and b.version = (select count(*) from credits.transactions t where t.user_id = new.user_id)
    ) or exists (
        select from credits.seals s where s.user_id = old.user_id
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;

comment on function credits._check_renamed_balance() is
    'Trigger, at the end of the transaction: refuses to give a balance another id than a pseudonym, or a pseudonym without its ledger and seals (UC017). '
    'Runs as the owner, since whoever commits may not read the tables';
