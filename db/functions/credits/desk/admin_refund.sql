create or replace function credits.admin_refund(
    p_admin text,
    p_transaction_id uuid,
    p_reason text,
    p_idempotency_key text,
    p_amount numeric default null,
    p_description text default null,
    p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_usage credits.entries;
    v_user text;
    v_act credits.admin_actions;
    v_refunded numeric;
begin
    select * into v_usage from credits.entries e where e.id = p_transaction_id and e.type = 'usage';
    if not found then
        perform credits._refuse_unknown('transactionId', p_transaction_id::text, 'UC009', 'There is no such usage');
    end if;
    v_user := case v_usage.kind when 'pool' then v_usage.other_id else v_usage.account_id end;
    -- Pools before people.
    if v_usage.kind = 'pool' then
        perform credits._lock_account(v_usage.account_id, 'pool');
    end if;
    v_act := credits._begin_act(
        p_admin, v_user, 'refund', p_transaction_id::text, p_reason, p_idempotency_key, p_request_id,
        jsonb_build_object('amount', p_amount, 'description', p_description)
    );
    if v_act.created_at is null then
        select coalesce(sum(e.amount), 0) into v_refunded
        from credits.entries e
        where e.account_id = v_usage.account_id and e.kind = v_usage.kind and e.type = 'refund'
            and e.reference_id = p_transaction_id::text;
        v_act.amount := coalesce(p_amount, nullif(-v_usage.amount - v_refunded, 0), -v_usage.amount);
        v_act.entry_id := (credits.refund_credits(
            p_user_id => v_user, p_amount => v_act.amount,
            p_description => coalesce(p_description, 'Refunded by support'), p_transaction_id => p_transaction_id,
            p_idempotency_key => p_idempotency_key, p_request_id => p_request_id, p_caller => 'admin:' || p_admin
        )).id;
    end if;
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_refund is
'Gives a usage back, of a person or of a pool, for p_admin of the support desk: all that is left of it, or p_amount. It
goes back where it came from; the act is one on the person who used.
Errors: UC009 transaction_not_found, UC001 invalid_request, UC024 own_account, UC004 idempotency_key_reused, UC016
cap_exceeded (of admin:<p_admin>), UC010 amount_exceeds_refundable, UC008 balance_too_large.
Idempotency: p_idempotency_key within the user''s account; a retry returns the first act with replayed = true.
Locks: the pool, then the user''s account.';
