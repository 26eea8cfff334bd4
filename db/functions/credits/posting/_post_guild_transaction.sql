create or replace function credits._post_guild_transaction(
    p_pool credits.guild_pools,
    p_user_id text,
    p_type credits.guild_transaction_type,
    p_amount numeric,
    p_description text,
    p_app_id text default null,
    p_idempotency_key text default null,
    p_metadata jsonb default '{}',
    p_reference_id text default null,
    p_reversal boolean default false,
    p_spending_day date default null,
    p_id uuid default null
) returns credits.guild_transactions
language plpgsql
as $$
declare
    v_owned numeric := p_pool.balance + p_pool.reserved;
    v_row credits.guild_transactions;
begin
    -- What is held counts: it comes back to the pool when the hold ends.
    if p_amount > 0 and v_owned + p_amount > 999999999999.999999 then
        perform credits._refuse_too_large(v_owned, p_amount);
    end if;
    if p_type <> 'usage' or p_reference_id is not null then
        -- The other side is written next, whatever the caller has set for the constraints of its own.
        set constraints credits.check_guild_counterpart deferred;
    end if;
    insert into credits.guild_transactions (
        organization_id, id, user_id, type, amount, reversal, spending_day, app_id, description, metadata, idempotency_key,
        reference_id
    )
    values (
        p_pool.organization_id, p_id, p_user_id, p_type, p_amount, p_reversal, p_spending_day, p_app_id, p_description, p_metadata,
        p_idempotency_key, p_reference_id
    )
    returning * into v_row;
    return v_row;
end
$$;

comment on function credits._post_guild_transaction(
    credits.guild_pools, text, credits.guild_transaction_type, numeric, text, text, text, jsonb, text, boolean, date, uuid
) is
    'Writes one ledger row for a pool that the caller has locked and not changed since, under p_id if the caller has made one already; '
    'the trigger moves the pool. '
    'Raises UC008 when the pool would grow too large';
