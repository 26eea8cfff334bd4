create or replace function credits._check_guild_erasure() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select from (select distinct r.organization_id, r.user_id, r.spending_day from old_rows r) o
        where exists (
            select from credits.guild_transactions t
            where t.user_id = o.user_id and t.organization_id = o.organization_id and t.spending_day = o.spending_day
        )
    ) or exists (
        select from (select distinct r.organization_id, r.user_id, r.spending_day from new_rows r) n
        where n.spending_day is not null
            and not exists (
                select from credits.guild_member_spending s
                where s.organization_id = n.organization_id and s.user_id = n.user_id and s.day = n.spending_day
            )
    ) then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;

comment on function credits._check_guild_erasure() is
    'Trigger: refuses to give a part of what a member spent of a pool on a day a pseudonym, or all of it without its counter (UC017)';
