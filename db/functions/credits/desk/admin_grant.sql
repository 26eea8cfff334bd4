create or replace function credits.admin_grant(
    p_admin text,
    p_user_id text,
    p_amount numeric,
    p_reason text,
    p_idempotency_key text,
    p_description text default null,
    p_expires_at timestamptz default null,
    p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_act credits.admin_actions := credits._begin_act(
        p_admin, p_user_id, 'grant', null, p_reason, p_idempotency_key, p_request_id,
        jsonb_build_object(
            'amount', p_amount, 'description', p_description, 'expiresAt', extract(epoch from p_expires_at)
        )
    );
begin
    if v_act.created_at is null then
        select g.transaction_id into v_act.entry_id
        from credits.grant_credits(
            p_user_id => p_user_id, p_amount => p_amount, p_reason => 'support', p_reference_id => v_act.id::text,
            p_description => coalesce(p_description, 'Granted by support'), p_expires_at => p_expires_at,
            p_idempotency_key => p_idempotency_key, p_request_id => p_request_id, p_caller => 'admin:' || p_admin
        ) g;
        v_act.amount := p_amount;
    end if;
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_grant is
'Gives credits to a user, for p_admin of the support desk; p_description is what the user reads, p_reason stays in the
log of the desk.
Errors: UC001 invalid_request, UC024 own_account, UC004 idempotency_key_reused, UC016 cap_exceeded (of admin:<p_admin>),
UC008 balance_too_large.
Idempotency: p_idempotency_key within the user''s account; a retry returns the first act with replayed = true.
Locks: the user''s account.';
