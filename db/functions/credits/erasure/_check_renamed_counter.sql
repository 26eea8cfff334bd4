create or replace function credits._check_renamed_counter() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select from credits.guild_transactions t
        where t.user_id = old.user_id and t.organization_id = old.organization_id and t.spending_day = old.day
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;

comment on function credits._check_renamed_counter() is
    'Trigger, at the end of the transaction: refuses to give what is counted against a member''s limits a pseudonym without the ledger behind it (UC017). '
    'Runs as the owner, since whoever commits may not read the tables';
