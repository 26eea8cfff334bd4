create or replace function credits._lock_pool(p_organization_id text) returns credits.guild_pools
language plpgsql
as $$
declare
    v_pool credits.guild_pools;
begin
    select * into v_pool from credits.guild_pools where organization_id = p_organization_id for no key update;
    if not found then
        perform credits._check_id('organizationId', p_organization_id);
        perform credits._refuse_unknown_pool(p_organization_id);
    end if;
    if v_pool.reserved > 0 then
        v_pool := credits._settle_pool(p_organization_id);
    end if;
    return v_pool;
end
$$;

comment on function credits._lock_pool(text) is
    'Locks a guild''s pool until the transaction ends and returns it as of this moment: without holds past their time. Raises UC001 or UC005 when there is none';
