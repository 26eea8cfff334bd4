create or replace function credits.admin_make_service_key(
    p_admin text, p_name text, p_reason text, p_idempotency_key text, p_request_id text default null
) returns table (
    id uuid, account_id text, admin_id text, action text, subject_id text, amount numeric, reason text, entry_id uuid, balance numeric,
    before jsonb, after jsonb, idempotency_key text, request_id text, created_at timestamptz, replayed boolean, service_key text
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_act credits.admin_actions := credits._begin_act(p_admin, '', 'make_key', p_name, p_reason, p_idempotency_key, p_request_id);
    v_made record;
    v_key text;
begin
    if v_act.created_at is null then
        select * into v_made from credits.make_service_key(p_name, v_act.reason, 'admin:' || p_admin) m;
        v_act.after := jsonb_build_object('name', v_made.name, 'number', v_made.number);
        v_key := v_made.service_key;
    end if;
    return query select a.*, v_key from credits._end_act(v_act) a;
end
$$;

comment on function credits.admin_make_service_key is
'Makes a key for a trusted service (credits.make_service_key) for p_admin of the support desk, and returns it beside the act. That keeps the name and number.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC001 invalid_request (the name), UC016 cap_exceeded (of admin:<p_admin>, operation keys, of any amount).
Idempotency: p_idempotency_key among acts on packages, prices and keys; a retry returns the first act with replayed = true, and no key: that was shown once.
Locks: none.';
