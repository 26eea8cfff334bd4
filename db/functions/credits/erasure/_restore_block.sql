create or replace function credits._restore_block(p_organization_id text, p_user_id text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not credits._is_pseudonym(p_user_id) and credits._is_buried(p_organization_id, 'pool', 'blocked:' || p_user_id) then
        insert into credits.guild_spending_limits (organization_id, user_id, daily_limit) values (p_organization_id, p_user_id, 0)
        on conflict do nothing;
    end if;
end
$$;

comment on function credits._restore_block is
    'Whom a guild had blocked when they were erased is blocked in its pool again when they first move it, unless the guild has set limits since';
