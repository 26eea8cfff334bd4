create or replace function credits.compare_seals(p_heads jsonb)
returns table (ledger text, account text, sequence bigint, expected text, actual text)
language plpgsql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    if jsonb_typeof(p_heads) is distinct from 'array' or exists (
        select from jsonb_to_recordset(p_heads) as h (ledger text, account text, sequence bigint, id uuid, hash text)
        where (h.ledger in ('personal', 'pool') and num_nulls(h.account, h.sequence, h.id, h.hash) = 0) is not true
    ) then
        perform credits._refuse_invalid('heads', 'must be an array of objects with ledger, account, sequence, id and hash');
    end if;
    return query
    with heads as materialized (
        select h.*, own.user_id is not null as is_in_place
        from jsonb_to_recordset(p_heads) as h (ledger text, account text, sequence bigint, id uuid, hash text)
        left join credits.transactions own on own.user_id = h.account and own.id = h.id
    ),
    -- Whoever was erased since has a pseudonym now; the ids of their rows have stayed.
    erased as materialized (
        select t.id, t.user_id
        from credits.transactions t
        where t.id in (select h.id from heads h where h.ledger = 'personal' and not h.is_in_place)
            and credits._is_pseudonym(t.user_id)
    )
    select h.ledger, h.account, h.sequence, h.hash, encode(c.hash, 'hex')
    from heads h
    left join erased e on e.id = h.id
    cross join lateral credits.hash_transactions(coalesce(e.user_id, h.account), p_up_to => h.id) c
    where h.ledger = 'personal' and (c.id, c.sequence, encode(c.hash, 'hex')) is distinct from (h.id, h.sequence, h.hash)
    union all
    select h.ledger, h.account, h.sequence, h.hash, encode(c.hash, 'hex')
    from heads h
    cross join lateral credits.hash_guild_transactions(h.account, p_up_to => h.id) c
    where h.ledger = 'pool' and (c.id, c.sequence, encode(c.hash, 'hex')) is distinct from (h.id, h.sequence, h.hash);
end
$$;

comment on function credits.compare_seals(jsonb) is
'Which ledgers no longer pass through what credits.export_seals told once, recomputed from their rows alone: no seal in this database has a say in it. p_heads is an array of objects of that shape. One row for each ledger that was changed since, none if all is well. A person erased since is found under their pseudonym.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
