-- What the functions that take many calls at once answer.

set local role credits_owner;

do $$
begin
    create type credits.use_outcome as (
        item integer,
        refusal text,
        refusal_message text,
        refusal_detail text,
        refusal_hint text,
        id uuid,
        user_id text,
        type credits.transaction_type,
        status credits.transaction_status,
        amount numeric,
        balance_before numeric,
        balance_after numeric,
        app_id text,
        description text,
        metadata jsonb,
        idempotency_key text,
        guild_id text,
        created_at timestamptz,
        completed_at timestamptz,
        balance numeric,
        total_earned numeric,
        total_spent numeric,
        reserved numeric,
        replayed boolean
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.use_outcome is
    'What became of one item of a batch of debits: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';

do $$
begin
    create type credits.guild_use_outcome as (
        item integer,
        refusal text,
        refusal_message text,
        refusal_detail text,
        refusal_hint text,
        id uuid,
        organization_id text,
        user_id text,
        type credits.guild_transaction_type,
        amount numeric,
        balance_before numeric,
        balance_after numeric,
        app_id text,
        description text,
        metadata jsonb,
        idempotency_key text,
        created_at timestamptz,
        balance numeric,
        total_funded numeric,
        total_spent numeric,
        reserved numeric,
        replayed boolean
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.guild_use_outcome is
    'What became of one item of a batch of debits of guild pools: a refusal (its SQLSTATE, message, DETAIL and HINT) or a movement';
