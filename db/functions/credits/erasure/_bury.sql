create or replace function credits._bury(p_account_id text, p_kind credits.account_kind, p_marks text[]) returns void
language plpgsql
as $$
declare
    v_key constant bytea := (select k.key from credits.address_key k);
    v_account constant text := p_kind || ':' || p_account_id;
begin
    insert into credits.tombstones (account_hash, mark_hash)
    select credits._keyed_hash(v_account, v_key), credits._keyed_hash(v_account || E'\n' || m.mark, v_key)
    from unnest(p_marks) m (mark)
    on conflict do nothing;
end
$$;

comment on function credits._bury(text, credits.account_kind, text[]) is
    'Keeps tombstones of an account for marks (key:…, grant:…, gift:…, blocked:…) that an erasure takes away; no id has a line break, so none is like another''s';
