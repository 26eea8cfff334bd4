create or replace function credits._words_hash(p_act jsonb, p_key bytea) returns bytea
language sql immutable
as $$
    select credits._keyed_hash(
        concat_ws(E'\n', p_act ->> 'admin_id', p_act ->> 'account_id', p_act ->> 'reason'), p_key
    )
$$;

comment on function credits._words_hash is
    'The seal of who acted, on whom and why: it outlasts an erasure, which changes the words';
