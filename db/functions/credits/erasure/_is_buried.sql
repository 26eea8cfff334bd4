create or replace function credits._is_buried(
    p_account_id text, p_kind credits.account_kind, p_mark text default null
) returns boolean
language plpgsql stable
as $$
declare
    v_key constant bytea := (select k.key from credits.address_key k);
    v_account constant text := p_kind || ':' || p_account_id;
    v_account_hash constant bytea := credits._keyed_hash(v_account, v_key);
begin
    return exists (
        select from credits.tombstones t
        where t.account_hash = v_account_hash
            and (p_mark is null or t.mark_hash = credits._keyed_hash(v_account || E'\n' || p_mark, v_key))
    );
end
$$;

comment on function credits._is_buried is
    'Whether an erasure took this mark away of an account, or any where none is named';
