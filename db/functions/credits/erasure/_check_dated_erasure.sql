create or replace function credits._check_dated_erasure() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select from (select distinct r.user_id from old_rows r) o
        where exists (select from credits.dated_movements m where m.user_id = o.user_id)
    ) or exists (
        select from (select distinct r.user_id, r.dated_id from new_rows r) n
        where not exists (select from credits.dated_credits d where d.user_id = n.user_id and d.id = n.dated_id)
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;

comment on function credits._check_dated_erasure() is
    'Trigger: refuses to give a part of an account''s movements of dated credits a pseudonym, or all of them without what they moved (UC017)';
