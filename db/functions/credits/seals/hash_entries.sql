create or replace function credits.hash_entries(
    p_account_id text,
    p_kind credits.account_kind,
    p_after bigint default null,
    p_up_to bigint default null,
    p_hash bytea default null,
    p_limit bigint default null,
    out rows bigint,
    out sequence bigint,
    out id uuid,
    out hash bytea
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry credits.entries;
begin
    perform credits._check_limit(p_limit, 9223372036854775807) where p_limit is not null;
    rows := 0;
    hash := coalesce(p_hash, '');
    for v_entry in
        select *
        from credits.entries e
        where e.account_id = p_account_id
            and e.kind = p_kind
            and e.sequence > coalesce(p_after, 0)
            and e.sequence <= coalesce(p_up_to, 9223372036854775807)
        order by e.sequence
        limit p_limit
    loop
        hash := sha256(hash || convert_to(credits._entry_text(v_entry), 'UTF8'));
        rows := rows + 1;
    end loop;
    id := v_entry.id;
    sequence := v_entry.sequence;
end
$$;

comment on function credits.hash_entries is
'Recomputes the hash chain of an account''s ledger, at most p_limit entries. It begins after p_after, where it stood at
p_hash (at the first entry unless given), and ends with p_up_to (the newest unless given). Returns how many that were,
the last of them and the hash there.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
