create or replace function credits.use_guild_credits(
    p_organization_id text,
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
) returns credits.guild_movement
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_priced credits.priced;
    v_posted credits.posted;
    v_replayed boolean := false;
    v_movement credits.guild_movement;
begin
    if (
        credits._is_id(p_user_id) and not credits._is_pseudonym(p_user_id)
        and credits._is_use(coalesce(p_amount, 1), p_app_id, p_description, p_idempotency_key, p_metadata)
    ) is not true then
        perform credits._check_id('userId', p_user_id);
        perform credits._refuse_pseudonym(p_user_id);
        perform credits._check_id('appId', p_app_id);
        p_description := credits._clean_text(p_description);
        p_metadata := coalesce(p_metadata, '{}');
        perform credits._check_movement(coalesce(p_amount, 1), p_description, p_idempotency_key, p_metadata);
        p_amount := trim_scale(p_amount);
    end if;
    if p_amount is null or p_items is not null or p_expected_amount is not null then
        v_priced := credits._priced(
            p_amount, p_items, p_expected_amount, credits._now(), p_organization_id, 'pool', p_idempotency_key
        );
        if v_priced.amount = 0 then
            select
                b.organization_id, p_user_id, b.balance, b.total_funded, b.total_spent, b.reserved, 0, false,
                v_priced.charge
            into
                v_movement.organization_id, v_movement.user_id, v_movement.balance, v_movement.total_funded,
                v_movement.total_spent, v_movement.reserved, v_movement.amount, v_movement.replayed, v_movement.charge
            from credits.get_guild_balance(p_organization_id) b;
            return v_movement;
        end if;
        v_replayed := v_priced.amount is null;
        p_amount := coalesce(v_priced.amount, p_amount);
    end if;
    if not v_replayed then
        v_posted := credits._post(
            p_organization_id, 'pool', 'usage', -p_amount, 0, p_description, p_app_id, p_idempotency_key, p_metadata,
            p_user_id, p_is_use => true, p_request_id => p_request_id, p_caller => p_caller,
            p_charge => v_priced.charge
        );
        v_replayed := v_posted.id is null;
    end if;
    if v_replayed then
        return credits._guild_movement(credits._repeated(
            p_organization_id, 'pool', p_idempotency_key, 'usage', -p_amount, p_description, p_app_id, p_metadata,
            p_user_id, p_items => p_items
        ), true);
    end if;
    -- As credits._guild_movement answers.
    return row(
        v_posted.id, p_organization_id, p_user_id, 'usage', -p_amount,
        v_posted.available + v_posted.reserved + p_amount, v_posted.available + v_posted.reserved, p_app_id,
        p_description, p_metadata, p_idempotency_key, v_posted.created_at, v_posted.available,
        v_posted.available + v_posted.reserved + v_posted.total_spent, v_posted.total_spent, v_posted.reserved, false,
        v_priced.charge
    )::credits.guild_movement;
end
$$;

comment on function credits.use_guild_credits is
'Debits a guild''s pool for something a member used in an app, within the member''s limits: p_amount (null otherwise),
or what p_items [{operation, quantity}] cost now. With p_expected_amount it is refused where that is another one. What
costs nothing moves nothing: id is null.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC021 unknown_operation, UC022 price_changed, UC005
guild_pool_not_found, UC016 cap_exceeded, UC002 insufficient_credits, UC003 spending_limit_exceeded (the tightest).
Idempotency: p_idempotency_key within the guild''s account, the member being one of the parameters; a retry returns the
first movement with replayed = true. Items are compared, not what they cost.
Locks: the pool.';
