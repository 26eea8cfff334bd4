create or replace function credits.hash_transactions(
    p_user_id text,
    p_after uuid default null,
    p_up_to uuid default null,
    p_hash bytea default null,
    p_limit bigint default null,
    out rows bigint,
    out id uuid,
    out sequence bigint,
    out hash bytea
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_row record;
    v_rows bigint := 0;
    v_hash bytea := coalesce(p_hash, '');
begin
    if p_limit is not null then
        perform credits._check_limit(p_limit, 9223372036854775807);
    end if;
    for v_row in
        select t.id, t.sequence, credits._transaction_text(t) as text
        from credits.transactions t
        where t.user_id = p_user_id
            and t.id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
            and t.id <= coalesce(p_up_to, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by t.id
        limit p_limit
    loop
        v_hash := sha256(v_hash || convert_to(v_row.text, 'UTF8'));
        v_rows := v_rows + 1;
    end loop;
    rows := v_rows;
    id := v_row.id;
    sequence := v_row.sequence;
    hash := v_hash;
end
$$;

comment on function credits.hash_transactions(text, uuid, uuid, bytea, bigint) is
'Recomputes the hash chain of a personal ledger: from the row after p_after, where it stood at p_hash (the first row unless given), to the row p_up_to (the newest unless given), at most p_limit rows. Returns how many rows that were, the last of them and the hash there.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
