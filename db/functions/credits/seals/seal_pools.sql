create or replace function credits.seal_pools(
    p_after text default null, p_limit integer default 1000, out rows_sealed bigint, out next_after text
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pool record;
    v_seal record;
    v_chain record;
    v_pools integer := 0;
begin
    perform credits._check_limit(p_limit, 1000000);
    rows_sealed := 0;
    next_after := coalesce(p_after, '');
    for v_pool in
        select
            p.organization_id,
            p.last_transaction_id is distinct from (
                select s.id from credits.guild_seals s where s.organization_id = p.organization_id order by s.id desc limit 1
            ) as has_moved
        from credits.guild_pools p
        where p.organization_id > coalesce(p_after, '')
        order by p.organization_id
        limit p_limit
    loop
        if v_pool.has_moved then
            select s.id, s.hash into v_seal from credits.guild_seals s where s.organization_id = v_pool.organization_id order by s.id desc limit 1;
            v_chain := credits.hash_guild_transactions(v_pool.organization_id, v_seal.id, null, v_seal.hash, p_limit - rows_sealed);
            insert into credits.guild_seals (organization_id, id, sequence, hash, created_at)
            select v_pool.organization_id, v_chain.id, v_chain.sequence, v_chain.hash, credits._now()
            where v_chain.rows > 0
            on conflict do nothing;
            rows_sealed := rows_sealed + v_chain.rows;
            if rows_sealed >= p_limit then
                return;
            end if;
        end if;
        next_after := v_pool.organization_id;
        v_pools := v_pools + 1;
    end loop;
    if v_pools < p_limit then
        next_after := null;
    end if;
end
$$;

comment on function credits.seal_pools(text, integer) is
'Seals what ledgers of pools have gained since their last seal: looks at the p_limit pools after p_after, in the order of their ids, and seals up to p_limit rows. Returns how many rows it sealed and where to go on; call again with that until it is null.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once write the same seals.
Locks: none.';
