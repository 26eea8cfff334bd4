create or replace function credits.admin_revoke_service_key(
    p_admin text, p_name text, p_reason text, p_idempotency_key text, p_number integer default null,
    p_in_environment boolean default false, p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_act credits.admin_actions := credits._begin_act(
        p_admin, '', 'revoke_key', p_name, p_reason, p_idempotency_key, p_request_id, jsonb_build_object('number', p_number)
    );
begin
    if v_act.created_at is null then
        select jsonb_build_object('name', p_name, 'numbers', jsonb_agg(r.number order by r.number)) into v_act.after
        from credits.revoke_service_key(p_name, v_act.reason, p_number, p_in_environment, 'admin:' || p_admin) r;
    end if;
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_revoke_service_key is
'Revokes a service''s key for p_admin of the support desk, or all of its name (credits.revoke_service_key). The act keeps which.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC001 invalid_request (the name), UC025 not_found (there is no such key), UC016 cap_exceeded (of admin:<p_admin>, operation keys).
Idempotency: p_idempotency_key among acts on packages, prices and keys; a retry returns the first act with replayed = true, and changes nothing.
Locks: the rows of the keys.';
