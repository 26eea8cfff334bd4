create or replace function credits.list_transactions(
    p_user_id text,
    p_limit integer default 50,
    p_offset bigint default 0,
    p_cursor uuid default null,
    p_type text default null,
    p_app_id text default null,
    p_from timestamptz default null,
    p_to timestamptz default null,
    p_down_to uuid default null
) returns table (
    id uuid, user_id text, type credits.entry_type, status credits.transaction_status, amount numeric,
    balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb,
    idempotency_key text, guild_id text, created_at timestamptz, completed_at timestamptz
)
language plpgsql stable security definer
rows 50
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Of a person's ledger: pools have types of their own.
    v_types constant credits.entry_type[] := enum_range(null, 'erasure'::credits.entry_type);
    v_below constant bigint := credits._page_below(p_user_id, 'person', p_cursor, p_to);
    v_from bigint := 0;
begin
    if p_type <> all (v_types::text[]) then
        perform credits._refuse_invalid('type', format('must be one of %s', array_to_string(v_types, ', ')));
    end if;
    if p_from is not null then
        v_from := credits._sequence_by(p_user_id, 'person', p_from);
    end if;
    if p_down_to is not null then
        v_from := greatest(v_from, (credits._of_id(p_user_id, 'person', p_down_to)).sequence);
    end if;
    return query
    select
        t.id, t.user_id, t.type, t.status, t.amount, t.balance_before, t.balance_after, t.app_id::text, t.description::text,
        t.metadata, t.idempotency_key::text, t.guild_id, t.created_at, t.completed_at
    from credits.transactions t
    where t.user_id = p_user_id
        and t.sequence < v_below
        and t.sequence >= v_from
        and (p_type is null or t.type = p_type::credits.entry_type)
        and (p_app_id is null or t.app_id = p_app_id)
        and (p_from is null or t.created_at >= p_from)
        and (p_to is null or t.created_at < p_to)
    order by t.sequence desc
    limit p_limit offset p_offset;
end
$$;

comment on function credits.list_transactions is
'Lists a user''s ledger, newest first, after p_cursor (the id of the last row of the page before). It goes down to
p_down_to, the id of the last row to be read (see credits.end_of_page). It can be of a type, an app, a time (p_from
included, p_to not).
Errors: UC001 invalid_request (unknown type).
Idempotency: reads only.
Locks: none.';
