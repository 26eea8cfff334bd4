create or replace function credits._post_transaction(
    p_balance credits.balances,
    p_type credits.transaction_type,
    p_amount numeric,
    p_description text,
    p_app_id text default null,
    p_idempotency_key text default null,
    p_metadata jsonb default '{}',
    p_guild_id text default null,
    p_reference_id text default null,
    p_reversal boolean default false,
    p_take_dated boolean default true
) returns credits.transactions
language plpgsql
as $$
declare
    v_owned numeric := p_balance.balance + p_balance.reserved;
    v_row credits.transactions;
begin
    -- What is held counts: it comes back to the balance when the hold ends.
    if p_amount > 0 and v_owned + p_amount > 999999999999.999999 then
        perform credits._refuse_too_large(v_owned, p_amount);
    end if;
    if p_type <> 'usage' or p_reference_id is not null then
        -- The other side is written next, whatever the caller has set for the constraints of its own.
        set constraints credits.check_counterpart deferred;
    end if;
    insert into credits.transactions (
        user_id, type, amount, reversal, app_id, description, metadata, idempotency_key, guild_id, reference_id
    )
    values (
        p_balance.user_id, p_type, p_amount, p_reversal, p_app_id, p_description, p_metadata, p_idempotency_key, p_guild_id,
        p_reference_id
    )
    returning * into v_row;
    if p_amount < 0 and p_take_dated and p_balance.next_expiry is not null then
        perform credits._take_dated(p_balance.user_id, v_row.id, -p_amount, v_row.created_at);
    end if;
    return v_row;
end
$$;

comment on function credits._post_transaction(
    credits.balances, credits.transaction_type, numeric, text, text, text, jsonb, text, text, boolean, boolean
) is
    'Writes one ledger row for a balance that the caller has locked and not changed since; the trigger moves the balance. '
    'A debit takes dated credits first, unless not p_take_dated. Raises UC008 when the balance would grow too large';
