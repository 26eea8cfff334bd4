create or replace function credits._use_one(
    p_kind credits.account_kind,
    p_place integer,
    p_account_id text,
    p_member_id text,
    p_amount numeric,
    p_app_id text,
    p_description text,
    p_idempotency_key text,
    p_metadata jsonb,
    p_items jsonb,
    p_expected_amount numeric,
    p_request_id text,
    p_caller text
) returns credits.use_outcome
language plpgsql
as $$
declare
    v_outcome credits.use_outcome;
begin
    if p_kind = 'person' then
        select p_place, null, null, null, null, m.*
        into v_outcome
        from credits.use_credits(
            p_account_id, p_amount, p_app_id, p_description, p_idempotency_key, coalesce(p_metadata, '{}'), p_items,
            p_expected_amount, p_request_id, p_caller
        ) m;
    else
        select
            p_place, null, null, null, null, m.id, m.organization_id, m.type, null, m.amount, m.balance_before, m.balance_after, m.app_id,
            m.description, m.metadata, m.idempotency_key, m.user_id, m.created_at, null, m.balance, m.total_funded, m.total_spent,
            m.reserved, m.replayed, m.charge
        into v_outcome
        from credits.use_guild_credits(
            p_account_id, p_member_id, p_amount, p_app_id, p_description, p_idempotency_key, coalesce(p_metadata, '{}'), p_items,
            p_expected_amount, p_request_id, p_caller
        ) m;
    end if;
    return v_outcome;
end
$$;

comment on function credits._use_one(
    credits.account_kind, integer, text, text, numeric, text, text, text, jsonb, jsonb, numeric, text, text
) is
    'One item of a batch as credits.use_credits or credits.use_guild_credits decides it, errors and all';
