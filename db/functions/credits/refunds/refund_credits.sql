create or replace function credits.refund_credits(
    p_user_id text,
    p_amount numeric,
    p_description text,
    p_app_id text default null,
    p_transaction_id uuid default null,
    p_idempotency_key text default null,
    p_metadata jsonb default '{}',
    p_request_id text default null,
    p_caller text default null
) returns credits.movement
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind credits.account_kind := 'person';
    v_account_id text := p_user_id;
    v_pool text;
    v_usage credits.entries;
    v_entry credits.entries;
    v_left numeric;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._check_id('appId', p_app_id, p_optional => true);
    p_description := credits._clean_text(p_description);
    p_metadata := coalesce(p_metadata, '{}');
    perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
    p_amount := trim_scale(p_amount);
    -- As many look-ups as the member has guilds, however long the ledgers are.
    for v_pool in
        select m.organization_id
        from credits.members m
        where m.user_id = p_user_id and p_transaction_id is not null
        order by m.organization_id
    loop
        v_usage := credits._of_id(v_pool, 'pool', p_transaction_id);
        if v_usage.type = 'usage' and v_usage.other_id = p_user_id then
            v_kind := 'pool';
            v_account_id := v_pool;
            exit;
        end if;
    end loop;
    if v_kind = 'person' then
        perform credits._refuse_pseudonym(p_user_id);
    end if;
    perform credits._lock_account(v_account_id, v_kind, p_create => p_transaction_id is null);
    v_entry := credits._repeated(
        v_account_id, v_kind, p_idempotency_key, 'refund', p_amount, p_description, p_app_id, p_metadata,
        case when v_kind = 'pool' then p_user_id end, p_transaction_id::text
    );
    if v_entry.id is not null then
        return credits._refund_movement(v_entry, true);
    end if;
    if p_transaction_id is not null then
        v_usage := credits._of_id(v_account_id, v_kind, p_transaction_id);
        -- A pool's was found without a lock: the member may have been erased since.
        if v_usage.type = 'usage' is not true or (v_kind = 'pool' and v_usage.other_id <> p_user_id) then
            perform credits._refuse_unknown(
                'transactionId', p_transaction_id::text, 'UC009', 'This user has no such usage'
            );
        end if;
    end if;
    perform credits._check_cap('refund', coalesce(v_usage.app_id, p_app_id, 'unknown'), p_amount, p_caller);
    if p_transaction_id is not null then
        select -v_usage.amount - coalesce(sum(e.amount), 0) into v_left
        from credits.entries e
        where e.account_id = v_account_id and e.kind = v_kind and e.type = 'refund'
            and e.reference_id = p_transaction_id::text;
        if p_amount > v_left then
            raise exception using
                errcode = 'UC010',
                message = 'More than what is left of this usage cannot be refunded',
                detail = json_build_object('requested', trim_scale(p_amount), 'refundable', trim_scale(v_left))::text,
                hint = 'Refund at most what is refundable';
        end if;
    end if;
    perform credits._post(
        v_account_id, v_kind, 'refund', p_amount, 0, p_description, p_app_id, p_idempotency_key, p_metadata,
        case when v_kind = 'pool' then p_user_id end, p_transaction_id::text, p_transaction_id is not null,
        p_spending_day => coalesce(v_usage.spending_day, credits._limits_day(v_usage.created_at)),
        p_due_after => credits._first_end(v_usage), p_request_id => p_request_id
    );
    v_entry := credits._last_entry(v_account_id, v_kind);
    if p_transaction_id is not null and v_kind = 'person' then
        perform credits._count_spending(p_user_id, v_usage.app_id, v_entry.created_at, v_entry.spending_day, -p_amount);
        perform credits._restore_lots(v_usage, -v_usage.amount - v_left, v_entry);
    end if;
    return credits._refund_movement(v_entry, false);
end
$$;

comment on function credits.refund_credits is
'Gives a user credits back, which raises total_earned. With p_transaction_id, a usage of that user''s, it is a reversal
that lowers total_spent: at most the rest of the usage, in one or several parts. It goes to the balance or the pool it
came from, and off what the member has spent. The dated credits that the usage took are restored. Those that expired
meanwhile expire again at once, by entries of their own; the amounts returned are those after it. Of an erased person
only the use of a pool can be refunded, to the pool, by their pseudonym.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC009 transaction_not_found, UC016 cap_exceeded, UC010
amount_exceeds_refundable, UC008 balance_too_large.
Idempotency: p_idempotency_key within the account that is credited (the user''s, or the guild''s for a usage of its
pool). A retry returns the first movement with replayed = true.
Locks: the pool, or the user''s account.';
