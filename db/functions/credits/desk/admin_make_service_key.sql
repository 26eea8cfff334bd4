create or replace function credits.admin_make_service_key(
    p_admin text, p_name text, p_reason text, p_idempotency_key text, p_request_id text default null
) returns table (
    id uuid, account_id text, admin_id text, action text, subject_id text, amount numeric, reason text, entry_id uuid,
    balance numeric, before jsonb, after jsonb, idempotency_key text, request_id text, created_at timestamptz,
    replayed boolean, service_key text
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_act credits.admin_actions := credits._begin_act(
        p_admin, '', 'make_key', p_name, p_reason, p_idempotency_key, p_request_id
    );
    v_key text;
    v_number integer;
begin
    if v_act.created_at is null then
        perform credits._check_service_name(p_name);
        -- Whoever has it may do anything, in any amount.
        perform credits._check_cap('keys', null, 999999999.999999, 'admin:' || p_admin);
        -- 256 bits: more than the two of them hold at random, 244, nobody needs.
        v_key := 'mana_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
        insert into credits.service_keys as made (name, number, key_hash, reason, created_at)
        select p_name, coalesce(max(k.number), 0) + 1, sha256(convert_to(v_key, 'UTF8')), v_act.reason, credits._now()
        from credits.service_keys k
        where k.name = p_name
        on conflict do nothing
        returning made.number into v_number;
        -- Somebody else made one at the same time.
        if not found then
            perform credits._refuse_outdated();
        end if;
        v_act.after := jsonb_build_object('name', p_name, 'number', v_number);
    end if;
    return query select a.*, v_key from credits._end_act(v_act) a;
end
$$;

comment on function credits.admin_make_service_key is
'Draws a key for a trusted service, to be presented as X-Service-Key, for p_admin of the support desk or a DBA. It
returns the key beside the act: this once, since only its hash is kept. The API takes it within a second. p_name is who
calls with it, for caps and logs; there may be several keys of one name.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC001 invalid_request (the name), UC016 cap_exceeded (of
admin:<p_admin>, operation keys, of any amount), 40001 where another key of that name was made at the same time.
Idempotency: p_idempotency_key among acts on packages, prices and keys; a retry returns the first act with replayed =
true, and no key: that was shown once.
Locks: none.';
