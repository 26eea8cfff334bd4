create or replace function credits.use_guild_credits(
    p_organization_id text,
    p_user_id text,
    p_amount numeric,
    p_app_id text,
    p_description text,
    p_idempotency_key text default null,
    p_metadata jsonb default '{}',
    p_request_id text default null,
    p_caller text default null
) returns credits.guild_movement
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry credits.entries;
begin
    if (
        credits._is_id(p_user_id) and not credits._is_pseudonym(p_user_id)
        and credits._is_use(p_amount, p_app_id, p_description, p_idempotency_key, p_metadata)
    ) is not true then
        perform credits._check_id('userId', p_user_id);
        perform credits._refuse_pseudonym(p_user_id);
        perform credits._check_id('appId', p_app_id);
        p_description := credits._clean_text(p_description);
        perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
        p_amount := trim_scale(p_amount);
    end if;
    v_entry := credits._post(
        p_organization_id, 'pool', 'usage', -p_amount, 0, p_description, p_app_id, p_idempotency_key, p_metadata, p_user_id,
        p_operation => 'use_guild', p_request_id => p_request_id, p_caller => p_caller
    );
    if v_entry.id is not null then
        return credits._guild_movement(v_entry, false);
    end if;
    return credits._guild_movement(
        credits._repeated(
            p_organization_id, 'pool', p_idempotency_key, 'usage', -p_amount, p_description, p_app_id, p_metadata, p_user_id
        ),
        true
    );
end
$$;

comment on function credits.use_guild_credits(text, text, numeric, text, text, text, jsonb, text, text) is
'Debits a guild''s pool for something a member used in an app, within the member''s daily and monthly limits.
Errors: UC001 invalid_request, UC005 guild_pool_not_found, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits, UC003 spending_limit_exceeded (daily before monthly).
Idempotency: p_idempotency_key within the guild''s account, the member being one of the parameters; a retry returns the first movement with replayed = true.
Locks: the pool.';
