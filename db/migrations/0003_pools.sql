-- What members of guilds may spend of a pool, and what calls about pools answer. Pools are accounts; their entries carry what members spend.

set local role credits_owner;

create table if not exists credits.guild_spending_limits (
    organization_id credits.account_id not null,
    user_id credits.account_id not null,
    daily_limit numeric(15, 6),
    monthly_limit numeric(15, 6),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint guild_spending_limits_pkey primary key (organization_id, user_id),
    constraint guild_spending_limits_in_range check (
        daily_limit between 0 and 999999999.999999 and monthly_limit between 0 and 999999999.999999
    )
);
create index if not exists guild_spending_limits_by_user on credits.guild_spending_limits (user_id);
comment on table credits.guild_spending_limits is 'How much a member may use of a pool in a day and a month; null means no limit, 0 blocks';

do $$
begin
    create type credits.guild_movement as (
        id uuid,
        organization_id text,
        user_id text,
        type credits.entry_type,
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
comment on type credits.guild_movement is
    'What a call that moves guild credits answers: its entry, the pool right after it, and whether this call repeats an earlier one';

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
        type credits.entry_type,
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
