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
    v_accounts integer := 0;
begin
    perform credits._check_limit(p_limit, 1000000);
    rows_sealed := 0;
    next_after := coalesce(p_after, '');
    for v_account in
        select
            b.user_id,
            b.last_transaction_id is distinct from (
                select s.id from credits.seals s where s.user_id = b.user_id order by s.id desc limit 1
            ) as has_moved
        from credits.balances b
        where b.user_id > coalesce(p_after, '')
        order by b.user_id
        limit p_limit
    loop
        if v_account.has_moved then
            -- As a foreign key would: an erasure must not rename the account meanwhile. A debit does not mind.
            perform from credits.balances b where b.user_id = v_account.user_id for key share;
            if found then
                select s.id, s.hash into v_seal from credits.seals s where s.user_id = v_account.user_id order by s.id desc limit 1;
                v_chain := credits.hash_transactions(v_account.user_id, v_seal.id, null, v_seal.hash, p_limit - rows_sealed);
                insert into credits.seals (user_id, id, sequence, hash, created_at)
                select v_account.user_id, v_chain.id, v_chain.sequence, v_chain.hash, credits._now()
                where v_chain.rows > 0
                on conflict do nothing;
                rows_sealed := rows_sealed + v_chain.rows;
            end if;
            if rows_sealed >= p_limit then
                return;
            end if;
        end if;
        next_after := v_account.user_id;
        v_accounts := v_accounts + 1;
    end loop;
    if v_accounts < p_limit then
        next_after := null;
    end if;
end
$$;

comment on function credits.seal(text, integer) is
'Seals what personal ledgers have gained since their last seal: looks at the p_limit accounts after p_after, in the order of their ids, and seals up to p_limit rows. Returns how many rows it sealed and where to go on; call again with that until it is null.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once write the same seals.
Locks: an erasure of an account that it seals, and it, wait for each other; debits neither wait for it nor it for them.';
