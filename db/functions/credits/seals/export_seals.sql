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
        select a.account_id, a.kind, s.sequence, s.hash, e.id
        from credits.accounts a
        left join lateral (
            select * from credits.seals s
            where s.account_id = a.account_id and s.kind = a.kind order by s.sequence desc limit 1
        ) s on true
        left join credits.entries e on e.account_id = a.account_id and e.kind = a.kind and e.sequence = s.sequence
        order by a.kind, a.account_id collate "C"
    loop
        v_chain := credits.hash_entries(v_account.account_id, v_account.kind, v_account.sequence, null, v_account.hash);
        -- Where none came since, the newest sealed entry is the last.
        if coalesce(v_chain.id, v_account.id) is not null then
            return query select
                case v_account.kind when 'person' then 'personal' else 'pool' end, v_account.account_id::text,
                coalesce(v_chain.sequence, v_account.sequence), coalesce(v_chain.id, v_account.id),
                encode(v_chain.hash, 'hex');
        end if;
    end loop;
    for v_account in select distinct a.account_id from credits.admin_actions a order by a.account_id loop
        v_chain := credits._hash_acts(v_account.account_id);
        return query select 'desk', v_account.account_id, v_chain.sequence, v_chain.id, encode(v_chain.hash, 'hex');
    end loop;
end
$$;

comment on function credits.export_seals is
'Lists the hash chain of every ledger as it stands now, from its newest seal and the entries since. It also lists that
of the support desk''s acts on each account (ledger desk). Keep the list outside of this database. Later
credits.compare_seals says whether the ledgers still pass through it.
Errors: none.
Idempotency: reads only.
Locks: none.';
