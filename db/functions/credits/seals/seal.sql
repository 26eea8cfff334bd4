create or replace function credits.seal(
    p_after text default null, p_limit integer default 1000, out rows_sealed bigint, out next_after text
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account record;
    v_seal record;
    v_chain record;
    v_now constant timestamptz := credits._now();
    v_accounts integer := 0;
begin
    perform credits._check_limit(p_limit, 1000000);
    rows_sealed := 0;
    next_after := coalesce(p_after, '');
    for v_account in
        select
            a.account_id, a.kind, (
                select e.sequence from credits.entries e
                where e.account_id = a.account_id and e.kind = a.kind order by e.sequence desc limit 1
            ) is distinct from (
                select s.sequence from credits.seals s
                where s.account_id = a.account_id and s.kind = a.kind order by s.sequence desc limit 1
            ) as has_moved
        from credits.accounts a
        where a.account_id > coalesce(p_after, '')
        order by a.account_id
        limit p_limit + 1
    loop
        -- A person and a pool of the same id are not parted. Citus forgets "with ties" beside such sub-selects.
        exit when v_accounts >= p_limit and v_account.account_id <> next_after;
        if v_account.has_moved then
            -- As a foreign key would: an erasure must not rename the account meanwhile, and one under way is left
            -- alone. A debit does not mind.
            perform from credits.accounts a
            where a.account_id = v_account.account_id and a.kind = v_account.kind
            for key share skip locked;
            if found then
                -- Read again: whoever has the id now may be another person.
                select s.sequence, s.hash into v_seal
                from credits.seals s
                where s.account_id = v_account.account_id and s.kind = v_account.kind
                order by s.sequence desc
                limit 1;
                v_chain := credits.hash_entries(
                    v_account.account_id, v_account.kind, v_seal.sequence, null, v_seal.hash, p_limit - rows_sealed
                );
                if v_chain.rows > 0 then
                    insert into credits.seals (account_id, kind, sequence, hash, created_at)
                    values (v_account.account_id, v_account.kind, v_chain.sequence, v_chain.hash, v_now)
                    on conflict do nothing;
                end if;
                rows_sealed := rows_sealed + v_chain.rows;
            end if;
            if rows_sealed >= p_limit then
                return;
            end if;
        end if;
        next_after := v_account.account_id;
        v_accounts := v_accounts + 1;
    end loop;
    if v_accounts < p_limit then
        next_after := null;
    end if;
end
$$;

comment on function credits.seal is
'Seals what ledgers of people and pools have gained since their last seal. It looks at the p_limit accounts after
p_after, in the order of their ids, and seals up to p_limit entries. Returns how many it sealed and where to go on; call
again with that until it is null. An account that is being erased is left to the next round.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once write the same seals.
Locks: an erasure of an account that it seals waits for it; debits neither wait for it nor it for them.';
