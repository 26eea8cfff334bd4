create or replace function credits._use_one(
    p_kind credits.account_kind, p_place integer, p_request credits.use_request, p_caller text
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
            p_request.account_id, p_request.amount, p_request.app_id, p_request.description, p_request.idempotency_key,
            p_request.metadata, p_request.items, p_request.expected_amount, p_request.request_id, p_caller
        ) m;
    else
        select
            p_place, null, null, null, null, m.id, m.organization_id, m.type, null, m.amount, m.balance_before,
            m.balance_after, m.app_id, m.description, m.metadata, m.idempotency_key, m.user_id, m.created_at, null,
            m.balance, m.total_funded, m.total_spent,
            m.reserved, m.replayed, m.charge
        into v_outcome
        from credits.use_guild_credits(
            p_request.account_id, p_request.member_id, p_request.amount, p_request.app_id, p_request.description,
            p_request.idempotency_key, p_request.metadata, p_request.items, p_request.expected_amount,
            p_request.request_id, p_caller
        ) m;
    end if;
    return v_outcome;
end
$$;

comment on function credits._use_one is
    'One item of a batch as credits.use_credits or credits.use_guild_credits decides it, errors and all';
