create or replace function credits._restore_block() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not credits._is_pseudonym(new.user_id) and credits._is_buried(new.organization_id, 'pool', 'blocked:' || new.user_id) then
        insert into credits.guild_spending_limits (organization_id, user_id, daily_limit) values (new.organization_id, new.user_id, 0)
        on conflict do nothing;
    end if;
    return null;
end
$$;

comment on function credits._restore_block() is
    'Trigger: whom a guild had blocked when they were erased is blocked in its pool again when they first move it, unless the guild has set limits since';
