create or replace function credits.admin_revoke_service_key(
    p_admin text, p_name text, p_reason text, p_idempotency_key text, p_number integer default null,
    p_in_environment boolean default false, p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_act credits.admin_actions := credits._begin_act(
        p_admin, '', 'revoke_key', p_name, p_reason, p_idempotency_key, p_request_id,
        jsonb_build_object('number', p_number)
    );
    v_now constant timestamptz := credits._now();
begin
    if v_act.created_at is null then
        perform credits._check_service_name(p_name);
        -- Whoever mistypes a name believes otherwise that the key is revoked.
        if coalesce(p_number <> 0, p_in_environment is not true) and not exists (
            select from credits.service_keys k where k.name = p_name and k.number = coalesce(p_number, k.number)
        ) then
            perform credits._refuse_unknown(
                case when p_number is null then 'name' else 'number' end, coalesce(p_number::text, p_name),
                p_message => 'There is no such key'
            );
        end if;
        perform credits._check_cap('keys', null, 0, 'admin:' || p_admin);
        if p_number is null or p_number = 0 then
            insert into credits.service_keys (name, number, reason, created_at, revoked_at, revoked_reason, revoked_by)
            values (p_name, 0, v_act.reason, v_now, v_now, v_act.reason, session_user)
            on conflict do nothing;
        end if;
        update credits.service_keys k
        set revoked_at = v_now, revoked_reason = v_act.reason, revoked_by = session_user
        where k.name = p_name and (p_number is null or k.number = p_number) and k.revoked_at is null;
        select jsonb_build_object('name', p_name, 'numbers', jsonb_agg(k.number order by k.number)) into v_act.after
        from credits.service_keys k
        where k.name = p_name and (p_number is null or k.number = p_number);
    end if;
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_revoke_service_key is
'Revokes a service''s key for good, for p_admin of the support desk or a DBA; without p_number all keys of its name.
Those of the environment (number 0) are among them: later values of MANA_SERVICE_KEY under that name are refused too. A
name of which no key was made is known to the environment alone: p_number 0 revokes it, or p_in_environment says that it
is there. The API refuses them within five seconds. A key that is made afterwards is another one. One that is revoked
already keeps its time and reason.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC001 invalid_request (the name), UC025 not_found (there is
no key of that name and number), UC016 cap_exceeded (of admin:<p_admin>, operation keys).
Idempotency: p_idempotency_key among acts on packages, prices and keys; a retry returns the first act with replayed =
true, and changes nothing.
Locks: the rows of the keys.';
