create or replace function credits.list_guild_transactions(
    p_organization_id text,
    p_user_id text default null,
    p_limit integer default 50,
    p_offset bigint default 0,
    p_cursor uuid default null
) returns table (
    id uuid, organization_id text, user_id text, type credits.entry_type, amount numeric,
    balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb,
    idempotency_key text, created_at timestamptz
)
language plpgsql stable security definer
rows 50
set search_path = pg_catalog, pg_temp
-- Planned for each call: everybody's entries have another index than one member's.
set plan_cache_mode = force_custom_plan
as $$
declare
    v_below constant bigint := credits._page_below(p_organization_id, 'pool', p_cursor, null);
begin
    return query
    select
        t.id, t.organization_id, t.user_id, t.type, t.amount, t.balance_before, t.balance_after, t.app_id::text,
        t.description::text, t.metadata, t.idempotency_key::text, t.created_at
    from credits.guild_transactions t
    where t.organization_id = p_organization_id and t.sequence < v_below and (p_user_id is null or t.user_id = p_user_id)
    order by t.sequence desc
    limit p_limit offset p_offset;
end
$$;

comment on function credits.list_guild_transactions is
'The ledger of a pool, newest first: everybody''s, or one member''s when p_user_id is given; from p_cursor (the id of
the last row of the page before) on.
Errors: none.
Idempotency: reads only.
Locks: none.';
