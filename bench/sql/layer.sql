-- The same signatures, answering constants: what is left is what the HTTP layer costs by itself. For a database of their own.

create or replace function credits.use_credits(
    p_user_id text, p_amount numeric default null, p_app_id text default null, p_description text default null,
    p_idempotency_key text default null, p_metadata jsonb default '{}', p_items jsonb default null, p_expected_amount numeric default null,
    p_request_id text default null, p_caller text default null
) returns credits.movement
language sql immutable
as $$
    select row(
        '01900000-0000-7000-8000-000000000000', 'user-1', 'usage', 'completed', -0.01, 1000, 999.99, 'chat', 'One answer', '{}', 'key',
        null, '2026-01-01', '2026-01-01', 999.99, 1000, 0.01, 0, false, null
    )::credits.movement
$$;

create or replace function credits.use_credits_batch(
    p_user_ids text[], p_amounts numeric[] default null, p_app_ids text[] default null, p_descriptions text[] default null,
    p_idempotency_keys text[] default null, p_metadata jsonb[] default null, p_items jsonb[] default null,
    p_expected_amounts numeric[] default null, p_request_ids text[] default null, p_caller text default null
) returns setof credits.use_outcome
language sql immutable
as $$
    select (row(
        i, null, null, null, null, '01900000-0000-7000-8000-000000000000', 'user-1', 'usage', 'completed', -0.01, 1000, 999.99, 'chat',
        'One answer', '{}', 'key', null, '2026-01-01', '2026-01-01', 999.99, 1000, 0.01, 0, false, null
    )::credits.use_outcome).*
    from generate_series(1, cardinality(p_user_ids)) as i
$$;

create or replace function credits.use_guild_credits(
    p_organization_id text, p_user_id text, p_amount numeric default null, p_app_id text default null, p_description text default null,
    p_idempotency_key text default null, p_metadata jsonb default '{}', p_items jsonb default null, p_expected_amount numeric default null,
    p_request_id text default null, p_caller text default null
) returns credits.guild_movement
language sql immutable
as $$
    select row(
        '01900000-0000-7000-8000-000000000000', 'guild-1', 'user-1', 'usage', -0.01, 1000, 999.99, 'chat', 'One answer', '{}', 'key',
        '2026-01-01', 999.99, 1000, 0.01, 0, false, null
    )::credits.guild_movement
$$;

create or replace function credits.use_guild_credits_batch(
    p_organization_ids text[], p_user_ids text[], p_amounts numeric[] default null, p_app_ids text[] default null,
    p_descriptions text[] default null, p_idempotency_keys text[] default null, p_metadata jsonb[] default null,
    p_items jsonb[] default null, p_expected_amounts numeric[] default null, p_request_ids text[] default null, p_caller text default null
) returns setof credits.guild_use_outcome
language sql immutable
as $$
    select (row(
        i, null, null, null, null, '01900000-0000-7000-8000-000000000000', 'guild-1', 'user-1', 'usage', -0.01, 1000, 999.99, 'chat',
        'One answer', '{}', 'key', '2026-01-01', 999.99, 1000, 0.01, 0, false, null
    )::credits.guild_use_outcome).*
    from generate_series(1, cardinality(p_user_ids)) as i
$$;

create or replace function credits.get_balance(p_user_id text, p_at timestamptz default null)
returns table (
    user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric,
    transactions_count bigint, created_at timestamptz, updated_at timestamptz, expiring jsonb, frozen boolean
)
language sql immutable
as $$
    select 'user-1', 999.99, 1000, 0.01, 0, 2::bigint, '2026-01-01'::timestamptz, '2026-01-01'::timestamptz, null::jsonb, false
$$;

create or replace function credits.list_transactions(
    p_user_id text, p_limit integer default 50, p_offset bigint default 0, p_cursor uuid default null, p_type text default null,
    p_app_id text default null, p_from timestamptz default null, p_to timestamptz default null, p_down_to uuid default null
) returns table (
    id uuid, user_id text, type credits.entry_type, status credits.transaction_status, amount numeric,
    balance_before numeric, balance_after numeric, app_id text, description text, metadata jsonb,
    idempotency_key text, guild_id text, created_at timestamptz, completed_at timestamptz
)
language sql immutable
as $$
    select
        '01900000-0000-7000-8000-000000000000'::uuid, 'user-1', 'usage'::credits.entry_type,
        'completed'::credits.transaction_status, -0.01, 1000, 999.99, 'chat', 'One answer', '{}'::jsonb, 'key', null,
        '2026-01-01'::timestamptz, '2026-01-01'::timestamptz
    from generate_series(1, p_limit)
$$;
