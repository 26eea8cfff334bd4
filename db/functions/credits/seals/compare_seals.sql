create or replace function credits.compare_seals(p_heads jsonb)
returns table (ledger text, account text, sequence bigint, expected text, actual text)
language plpgsql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    v_head record;
    v_chain record;
    v_are_heads boolean;
begin
    begin
        v_are_heads := p_heads is not null and not exists (
            select
            from jsonb_to_recordset(p_heads) as h (ledger text, account text, sequence bigint, id uuid, hash text)
            where h.ledger in ('personal', 'pool', 'desk') is not true
                or num_nulls(h.account, h.sequence, h.id, h.hash) > 0
        );
    exception when data_exception then
        v_are_heads := false;
    end;
    perform credits._refuse_invalid('heads', 'must be an array of objects with ledger, account, sequence, id and hash')
    where not v_are_heads;
    for v_head in
        with heads as materialized (
            select h.*, k.kind, coalesce(own.id, act.id) is not null as is_in_place
            from jsonb_to_recordset(p_heads) as h (ledger text, account text, sequence bigint, id uuid, hash text)
            cross join lateral (
                select case h.ledger when 'personal' then 'person' when 'pool' then 'pool' end::credits.account_kind
            ) k (kind)
            left join credits.entries own
                on own.account_id = h.account and own.kind = k.kind and own.sequence = h.sequence and own.id = h.id
            left join credits.admin_actions act
                on h.ledger = 'desk' and act.account_id = h.account and act.sequence = h.sequence and act.id = h.id
        ),
        -- Whoever was erased since has a pseudonym now; the ids of their entries, and of acts on them, have stayed.
        erased as materialized (
            select e.id, e.account_id
            from credits.entries e
            where e.id in (select h.id from heads h where h.kind = 'person' and not h.is_in_place)
                and credits._is_pseudonym(e.account_id)
            union all
            select a.id, a.account_id
            from credits.admin_actions a
            where a.id in (select h.id from heads h where h.ledger = 'desk' and not h.is_in_place)
                and credits._is_pseudonym(a.account_id)
        )
        select h.*, coalesce(e.account_id, h.account) as account_id
        from heads h
        left join erased e on e.id = h.id and not h.is_in_place
        order by h.kind, h.account collate "C"
    loop
        if v_head.ledger = 'desk' then
            v_chain := credits._hash_acts(v_head.account_id, v_head.sequence);
        else
            v_chain := credits.hash_entries(v_head.account_id, v_head.kind, p_up_to => v_head.sequence);
        end if;
        actual := encode(v_chain.hash, 'hex');
        if (v_chain.id, v_chain.sequence, actual) is distinct from (v_head.id, v_head.sequence, v_head.hash) then
            return query select v_head.ledger, v_head.account, v_head.sequence, v_head.hash, actual;
        end if;
    end loop;
end
$$;

comment on function credits.compare_seals is
'Names the ledgers that no longer pass through an earlier answer of credits.export_seals. They are recomputed from
entries and acts of the support desk alone: no seal in this database has a say in it. p_heads is an array of objects of
that shape. One row for each ledger that was changed since, none if all is well. A person erased since is found under
their pseudonym.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
