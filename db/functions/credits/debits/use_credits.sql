create or replace function credits.use_credits(
    p_user_id text,
    p_amount numeric,
    p_app_id text,
    p_description text,
    p_idempotency_key text default null,
    p_metadata jsonb default '{}',
    p_request_id text default null,
    p_caller text default null
) returns credits.movement
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry credits.entries;
begin
    if credits._is_use(p_amount, p_app_id, p_description, p_idempotency_key, p_metadata) is not true then
        perform credits._check_id('appId', p_app_id);
        p_description := credits._clean_text(p_description);
        perform credits._check_movement(p_amount, p_description, p_idempotency_key, p_metadata);
        p_amount := trim_scale(p_amount);
    end if;
    v_entry := credits._post(
        p_user_id, 'person', 'usage', -p_amount, 0, p_description, p_app_id, p_idempotency_key, p_metadata,
        p_operation => 'use', p_request_id => p_request_id, p_caller => p_caller
    );
    if v_entry.id is not null then
        return credits._movement(v_entry, false);
    end if;
    return credits._movement(
        credits._repeated(p_user_id, 'person', p_idempotency_key, 'usage', -p_amount, p_description, p_app_id, p_metadata), true
    );
end
$$;

comment on function credits.use_credits(text, numeric, text, text, text, jsonb, text, text) is
'Debits a user''s personal balance for something used in an app.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC016 cap_exceeded, UC002 insufficient_credits.
Idempotency: p_idempotency_key within the user''s account; a retry returns the first movement with replayed = true.
Locks: the user''s account.';
