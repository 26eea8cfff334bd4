create or replace function credits.make_service_key(p_name text, p_reason text, p_caller text default null)
returns table (name text, number integer, service_key text, created_at timestamptz)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    -- 256 bits: more than the two of them hold at random, 244, nobody needs.
    v_key constant text := 'mana_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
    v_reason constant text := credits._service_key_reason(p_name, p_reason);
    v_number integer;
begin
    -- Whoever has it may do anything, in any amount.
    perform credits._check_cap('keys', null, 999999999.999999, p_caller);
    insert into credits.service_keys as made (name, number, key_hash, reason, created_at)
    select p_name, coalesce(max(k.number), 0) + 1, sha256(convert_to(v_key, 'UTF8')), v_reason, credits._now()
    from credits.service_keys k
    where k.name = p_name
    on conflict do nothing
    returning made.number into v_number;
    -- Somebody else made one at the same time.
    if not found then
        perform credits._refuse_outdated();
    end if;
    return query
    select k.name, k.number, v_key, k.created_at from credits.service_keys k where k.name = p_name and k.number = v_number;
end
$$;

comment on function credits.make_service_key is
'Draws a key for a trusted service, to be presented as X-Service-Key, and returns it: this once, since only its hash is kept. The API takes it within a second. p_name is who calls with it, for caps and logs; there may be several keys of one name. p_reason is cut after 500 characters.
Errors: UC001 invalid_request, UC016 cap_exceeded (operation keys, of any amount), 40001 where another key of that name was made at the same time.
Idempotency: none, each call draws another key.
Locks: none.';
