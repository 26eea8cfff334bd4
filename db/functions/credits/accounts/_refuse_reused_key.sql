create or replace function credits._refuse_reused_key(p_idempotency_key text) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC004',
        message = 'This idempotency key was used for another request',
        detail = json_build_object('idempotencyKey', p_idempotency_key)::text,
        hint = 'Repeat the first request unchanged, or take a new key for a new request';
end
$$;

comment on function credits._refuse_reused_key is 'Raises UC004 idempotency_key_reused';
