create or replace function credits.export_seals()
returns table (ledger text, account text, sequence bigint, id uuid, hash text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account record;
    v_chain record;
begin
    for v_account in
        select a.account_id, a.kind, s.sequence as sealed, s.hash
        from credits.accounts a
        left join lateral (
            select *
            from credits.seals s
            where s.account_id = a.account_id and s.kind = a.kind
            order by s.sequence desc
            limit 1
        ) s on true
        order by a.kind, a.account_id collate "C"
    loop
        -- From the newest sealed entry on, so that its id is told where none came since.
        v_chain := credits.hash_entries(v_account.account_id, v_account.kind, v_account.sealed, null, v_account.hash);
        if v_chain.rows = 0 then
            select e.sequence, e.id, v_account.hash as hash into v_chain
            from credits.entries e
            where e.account_id = v_account.account_id and e.kind = v_account.kind and e.sequence = v_account.sealed;
        end if;
        if v_chain.id is not null then
            ledger := case v_account.kind when 'person' then 'personal' else 'pool' end;
            account := v_account.account_id;
            sequence := v_chain.sequence;
            id := v_chain.id;
            hash := encode(v_chain.hash, 'hex');
            return next;
        end if;
    end loop;
    for v_account in select distinct a.account_id from credits.admin_actions a order by a.account_id
    loop
        v_chain := credits._hash_acts(v_account.account_id);
        return query select 'desk', v_account.account_id, v_chain.sequence, v_chain.id, encode(v_chain.hash, 'hex');
    end loop;
end
$$;

comment on function credits.export_seals is
'Lists the hash chain of every ledger as it stands now, from its newest seal and the entries since. Lists that of the support desk''s acts on each account (ledger desk), too. To be kept outside of this database. Later credits.compare_seals says whether the ledgers still pass through it.
Errors: none.
Idempotency: reads only.
Locks: none.';
