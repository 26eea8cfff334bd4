create or replace function credits.grant_credits(
    p_user_id text,
    p_amount numeric,
    p_reason text,
    p_reference_id text,
    p_description text default null,
    p_expires_at timestamptz default null,
    p_idempotency_key text default null,
    p_request_id text default null,
    p_caller text default null
) returns table (already_granted boolean, new_balance numeric, transaction_id uuid)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry credits.entries;
begin
    perform credits._check_id('userId', p_user_id);
    p_description := credits._clean_text(p_description);
    p_reason := credits._clean_text(p_reason, 255);
    perform credits._check_movement(p_amount, coalesce(p_description, ''), p_idempotency_key, '{}');
    p_amount := trim_scale(p_amount);
    if (p_reason <> '') is not true then
        perform credits._refuse_invalid('reason', 'must be a text that is not empty');
    end if;
    if (char_length(p_reference_id) between 1 and 255) is not true then
        perform credits._refuse_invalid('referenceId', 'must be 1 to 255 characters');
    end if;
    perform credits._lock_account(p_user_id, 'person', p_create => true);
    v_entry := credits._of_key(p_user_id, 'person', p_idempotency_key);
    if v_entry.id is not null and (v_entry.type, v_entry.reference_id) is distinct from ('grant', p_reference_id) then
        perform credits._refuse_reused_key(p_idempotency_key);
    end if;
    select * into v_entry
    from credits.entries e
    where e.account_id = p_user_id and e.kind = 'person' and e.type = 'grant' and e.reference_id = p_reference_id;
    if found then
        return query select true, v_entry.available - v_entry.debt, v_entry.id;
        return;
    end if;
    perform credits._refuse_buried(p_user_id, 'person', 'grant', p_reference_id);
    perform credits._check_end('expiresAt', p_expires_at);
    perform credits._check_cap('grant', null, p_amount, p_caller);
    perform credits._post(
        p_user_id, 'person', 'grant', p_amount, 0, coalesce(p_description, p_reason), null, p_idempotency_key,
        jsonb_build_object('reason', p_reason), null, p_reference_id,
        p_ends_at => p_expires_at, p_request_id => p_request_id
    );
    v_entry := credits._last_entry(p_user_id, 'person');
    if p_expires_at is not null then
        insert into credits.lots (account_id, id, granted, remaining, expires_at, created_at)
        values (p_user_id, v_entry.id, p_amount, p_amount, p_expires_at, v_entry.created_at);
        -- Only what is above zero can still expire.
        perform credits._repay_from_lots(p_user_id, v_entry.created_at);
    end if;
    return query select false, v_entry.available - v_entry.debt, v_entry.id;
end
$$;

comment on function credits.grant_credits is
'Gives credits to a user, once for each p_reference_id. With p_expires_at they are spent before those that last. Their
rest expires at that moment, by an entry of type expiry.
Errors: UC001 invalid_request, UC004 idempotency_key_reused (by another operation, or for another reference; a reference
also where it gave credits to an erased person who had this id), UC001 invalid_request (p_expires_at has passed), UC016
cap_exceeded, UC008 balance_too_large.
Idempotency: p_reference_id within the user''s account names the grant. A retry returns the first result with
already_granted = true, whatever amount, reason or date it names.
Locks: the user''s account.';
