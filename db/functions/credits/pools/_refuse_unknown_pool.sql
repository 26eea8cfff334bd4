create or replace function credits._refuse_unknown_pool(p_organization_id text) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC005',
        message = 'This guild has no credit pool',
        detail = json_build_object('organizationId', p_organization_id)::text,
        hint = 'Create the pool with credits.init_guild_pool first';
end
$$;

comment on function credits._refuse_unknown_pool is 'Raises UC005 guild_pool_not_found';
