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
#variable_conflict use_column
declare
    v_type credits.entry_type;
    -- Bounds on the key, so that a page costs the same however deep it lies. An id is made within a second of created_at, which decides.
    v_below uuid := least(
        coalesce(p_cursor, 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
        coalesce(credits._id_floor(p_to + interval '1 second'), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    );
    v_from uuid := greatest(
        coalesce(credits._id_floor(p_from - interval '1 second'), '00000000-0000-0000-0000-000000000000'), p_down_to
    );
begin
    if p_type is not null then
        if p_type <> all (enum_range(null::credits.entry_type)::text[]) then
            perform credits._refuse_invalid('type', format(
                'must be one of %s', array_to_string(enum_range(null::credits.entry_type), ', ')
            ));
        end if;
        v_type := p_type::credits.entry_type;
    end if;
    return query
    select
        t.id, t.user_id, t.type, t.status, t.amount, t.balance_before, t.balance_after, t.app_id::text, t.description::text,
        t.metadata, t.idempotency_key::text, t.guild_id, t.created_at, t.completed_at
    from credits.transactions t
    where t.user_id = p_user_id
        and t.id < v_below
        and t.id >= v_from
        and (v_type is null or t.type = v_type)
        and (p_app_id is null or t.app_id = p_app_id)
        and (p_from is null or t.created_at >= p_from)
        and (p_to is null or t.created_at < p_to)
    order by t.id desc
    limit p_limit offset p_offset;
end
$$;

comment on function credits.list_transactions(
    text, integer, bigint, uuid, text, text, timestamptz, timestamptz, uuid
) is
'A user''s ledger, newest first: from p_cursor (the id of the last row of the page before) on, down to p_down_to (the id of the last row to be read, see credits.end_of_page), of a type, an app, a time (p_from included, p_to not).
Errors: UC001 invalid_request (unknown type).
Idempotency: reads only.
Locks: none.';
