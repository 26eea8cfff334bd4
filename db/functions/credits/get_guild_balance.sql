create or replace function credits.get_guild_balance(p_organization_id text)
returns table (
    organization_id text, balance numeric, total_funded numeric, total_spent numeric, reserved numeric,
    created_at timestamptz, updated_at timestamptz
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select p.organization_id::text, p.balance, p.total_funded, p.total_spent, p.reserved, p.created_at, p.updated_at
    from credits.guild_pools p
    where p.organization_id = p_organization_id;
    if not found then
        perform credits._refuse_unknown_pool(p_organization_id);
    end if;
end
$$;

comment on function credits.get_guild_balance(text) is
'The pool of a guild.
Errors: UC005 guild_pool_not_found.
Idempotency: reads only.
Locks: none.';
