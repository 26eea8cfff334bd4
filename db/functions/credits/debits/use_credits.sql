create or replace function credits.use_credits(
    p_user_id text,
    p_amount numeric default null,
    p_app_id text default null,
    p_description text default null,
    p_idempotency_key text default null,
    p_metadata jsonb default '{}',
    p_items jsonb default null,
    p_expected_amount numeric default null,
    p_request_id text default null,
    p_caller text default null
) returns credits.movement
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_priced credits.priced;
    v_posted credits.posted;
    v_replayed boolean := false;
begin
    if credits._is_use(coalesce(p_amount, 1), p_app_id, p_description, p_idempotency_key, p_metadata) is not true then
        perform credits._check_id('appId', p_app_id);
        p_description := credits._clean_text(p_description);
        p_metadata := coalesce(p_metadata, '{}');
        perform credits._check_movement(coalesce(p_amount, 1), p_description, p_idempotency_key, p_metadata);
        p_amount := trim_scale(p_amount);
    end if;
    if p_amount is null or p_items is not null or p_expected_amount is not null then
        v_priced := credits._priced(
            p_amount, p_items, p_expected_amount, credits._now(), p_user_id, 'person', p_idempotency_key
        );
        if v_priced.amount = 0 then
            return credits._no_movement(p_user_id, v_priced.charge);
        end if;
        v_replayed := v_priced.amount is null;
        p_amount := coalesce(v_priced.amount, p_amount);
    end if;
    if not v_replayed then
        v_posted := credits._post(
            p_user_id, 'person', 'usage', -p_amount, 0, p_description, p_app_id, p_idempotency_key, p_metadata,
            p_is_use => true, p_request_id => p_request_id, p_caller => p_caller, p_charge => v_priced.charge
        );
        v_replayed := v_posted.id is null;
    end if;
    if v_replayed then
        return credits._movement(credits._repeated(
            p_user_id, 'person', p_idempotency_key, 'usage', -p_amount, p_description, p_app_id, p_metadata,
            p_items => p_items
        ), true);
    end if;
    -- As credits._movement answers; to read the entry back for it would be a twelfth of the call.
    return row(
        v_posted.id, p_user_id, 'usage', 'completed', -p_amount, v_posted.available + v_posted.reserved + p_amount,
        v_posted.available + v_posted.reserved, p_app_id, p_description, p_metadata, p_idempotency_key, null,
        v_posted.created_at, v_posted.created_at, v_posted.available,
        v_posted.available + v_posted.reserved + v_posted.total_spent, v_posted.total_spent, v_posted.reserved, false,
        v_priced.charge
    )::credits.movement;
end
$$;

comment on function credits.use_credits is
'Debits a user''s personal balance for something used in an app: p_amount (null otherwise), or what p_items [{operation,
quantity}] cost now. With p_expected_amount it is refused where that is another one. What costs nothing moves nothing:
id is null.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC021 unknown_operation, UC022 price_changed, UC016
cap_exceeded, UC023 account_frozen, UC002 insufficient_credits, UC003 spending_limit_exceeded (the tightest).
Idempotency: p_idempotency_key within the user''s account; a retry returns the first movement with replayed = true.
Items are compared, not what they cost.
Locks: the user''s account.';
