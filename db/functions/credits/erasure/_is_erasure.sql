create or replace function credits._is_erasure(p_old jsonb, p_new jsonb) returns boolean
language sql immutable
as $$
    select
        credits._is_pseudonym(coalesce(p_new ->> 'user_id', p_new ->> 'redeemer_user_id'))
        and bool_and(
            case
                when n.value = o.value then true
                when o.key in ('user_id', 'account_id', 'redeemer_user_id') then credits._is_pseudonym(n.value #>> '{}')
                when o.key in ('description', 'reason') then n.value = '""'
                when o.key = 'metadata' then n.value = '{}'
                when o.key in ('idempotency_key', 'request_id') then n.value = 'null'
                when o.key = 'reference_id' then n.value = 'null' and p_old ->> 'type' = 'grant'
                else false
            end
        )
    from jsonb_each(p_old) o
    join jsonb_each(p_new) n on n.key = o.key
$$;

comment on function credits._is_erasure(jsonb, jsonb) is
    'Whether a changed row differs from the old one only as an erasure may: ids of the person replaced by a pseudonym, free text and keys emptied, no amount and no time touched';
