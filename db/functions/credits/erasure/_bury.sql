create or replace function credits._bury(
    p_account_id text, p_kind credits.account_kind, p_marks text[], p_keep boolean default true
) returns void
language plpgsql
as $$
declare
    v_key constant bytea := (select k.key from credits.address_key k);
    v_account constant text := p_kind || ':' || p_account_id;
    v_account_hash constant bytea := credits._keyed_hash(v_account, v_key);
    v_hashes constant bytea[] := array(
        select credits._keyed_hash(v_account || E'\n' || m.mark, v_key)
        from unnest(p_marks) m (mark)
        where m.mark is not null
    );
begin
    -- Until it is committed only this session sees it (_use_spread_batch).
    perform set_config('credits.buried', 'on', true);
    if p_keep then
        insert into credits.tombstones (account_hash, mark_hash)
        select v_account_hash, h.hash from unnest(v_hashes) h (hash)
        on conflict do nothing;
    else
        delete from credits.tombstones t where t.account_hash = v_account_hash and t.mark_hash = any (v_hashes);
    end if;
end
$$;

comment on function credits._bury is
'Keeps tombstones of an account for marks that an erasure takes away: key:…, grant:…, gift:…, blocked:…, frozen.
Without p_keep they go. No id has a line break, so no two marks are alike';
