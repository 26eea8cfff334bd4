create or replace function credits._check_erasure() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        -- Each account once: a look into a ledger goes past all the versions that this transaction has replaced.
        select from (select distinct r.user_id from old_rows r) o
        where exists (select from credits.transactions t where t.user_id = o.user_id)
    ) or exists (
        select from (select distinct r.user_id from new_rows r) n
        where not exists (
            select from credits.balances b
            where b.user_id = n.user_id
                and b.version = (select count(*) from credits.transactions t where t.user_id = n.user_id)
        )
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;

comment on function credits._check_erasure() is
    'Trigger: refuses to give a part of an account''s ledger a pseudonym, or all of it one that another account has, which would break its chain (UC017)';
