create or replace function credits.revoke_service_key(
    p_name text, p_reason text, p_number integer default null, p_in_environment boolean default false, p_caller text default null
) returns table (name text, number integer, revoked_at timestamptz)
language plpgsql security definer
rows 2
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reason constant text := credits._service_key_reason(p_name, p_reason);
    v_now constant timestamptz := credits._now();
begin
    -- Whoever mistypes a name believes otherwise that the key is revoked.
    if coalesce(p_number <> 0, not p_in_environment) and not exists (
        select from credits.service_keys k where k.name = p_name and k.number = coalesce(p_number, k.number)
    ) then
        perform credits._refuse_unknown(case when p_number is null then 'name' else 'number' end, coalesce(p_number::text, p_name));
    end if;
    perform credits._check_cap('keys', null, 0, p_caller);
    if p_number is null or p_number = 0 then
        insert into credits.service_keys (name, number, reason, created_at, revoked_at, revoked_reason, revoked_by)
        values (p_name, 0, v_reason, v_now, v_now, v_reason, session_user)
        on conflict do nothing;
    end if;
    update credits.service_keys k
    set revoked_at = v_now, revoked_reason = v_reason, revoked_by = session_user
    where k.name = p_name and (p_number is null or k.number = p_number) and k.revoked_at is null;
    return query
    select k.name, k.number, k.revoked_at
    from credits.service_keys k
    where k.name = p_name and (p_number is null or k.number = p_number)
    order by k.number;
end
$$;

comment on function credits.revoke_service_key is
'Revokes a service''s key for good; without p_number all keys of its name. Those of the environment (number 0) are among them: later values of MANA_SERVICE_KEY under that name are refused too. A name of which no key was made is known to the environment alone: p_number 0 revokes it, or p_in_environment says that it is there. The API refuses them within five seconds. A key that is made afterwards is another one. One that is revoked already keeps its time and reason. p_reason is cut after 500 characters.
Errors: UC001 invalid_request, UC025 not_found (there is no key of that name and number), UC016 cap_exceeded (operation keys).
Idempotency: by nature.
Locks: the rows of the keys.';
