create or replace function credits.init_guild_pool(p_organization_id text, p_caller text default null)
returns table (
    organization_id text, balance numeric, total_funded numeric, total_spent numeric, reserved numeric,
    created_at timestamptz, updated_at timestamptz
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    perform credits._check_id('organizationId', p_organization_id);
    perform credits._check_cap('init', null, 0, p_caller);
    insert into credits.accounts (account_id, kind) values (p_organization_id, 'pool') on conflict do nothing;
    return query select * from credits.get_guild_balance(p_organization_id);
end
$$;

comment on function credits.init_guild_pool is
'Opens a guild''s pool with nothing in it, or returns the one that is there.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature; safe to call twice at once.
Locks: the new pool.';
