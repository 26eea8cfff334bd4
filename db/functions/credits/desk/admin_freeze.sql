create or replace function credits.admin_freeze(
    p_admin text, p_user_id text, p_reason text, p_idempotency_key text, p_frozen boolean default true,
    p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_act credits.admin_actions := credits._begin_act(
        p_admin, p_user_id, case when p_frozen then 'freeze' else 'unfreeze' end, null, p_reason, p_idempotency_key,
        p_request_id
    );
begin
    if v_act.created_at is null then
        if p_frozen then
            perform credits.freeze_account(p_user_id, v_act.reason, 'admin:' || p_admin);
        else
            perform credits.unfreeze_account(p_user_id, 'admin:' || p_admin);
        end if;
    end if;
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_freeze is
'Freezes a user''s account for p_admin of the support desk, so that nothing goes out (credits.freeze_account), or
without p_frozen lifts that.
Errors: UC001 invalid_request, UC024 own_account, UC004 idempotency_key_reused, UC025 not_found (nobody has such an
account to freeze), UC016 cap_exceeded (of admin:<p_admin>, operation freeze).
Idempotency: p_idempotency_key within the user''s account; a retry returns the first act with replayed = true, and
changes nothing.
Locks: the user''s account.';
