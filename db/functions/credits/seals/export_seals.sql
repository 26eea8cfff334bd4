create or replace function credits.export_seals()
returns table (ledger text, account text, sequence bigint, id uuid, hash text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select h.ledger, h.account, h.sequence, h.id, encode(h.hash, 'hex')
    from (
        select
            'personal' as ledger, b.user_id::text as account, coalesce(c.sequence, s.sequence) as sequence,
            coalesce(c.id, s.id) as id, coalesce(c.hash, s.hash) as hash
        from credits.balances b
        left join lateral (
            select s.id, s.sequence, s.hash from credits.seals s where s.user_id = b.user_id order by s.id desc limit 1
        ) s on true
        left join lateral (
            select n.id, n.sequence, n.hash
            from credits.hash_transactions(b.user_id, s.id, null, s.hash) n
            where b.last_transaction_id is distinct from s.id and n.rows > 0
        ) c on true
        union all
        select
            'pool', p.organization_id::text, coalesce(c.sequence, s.sequence), coalesce(c.id, s.id), coalesce(c.hash, s.hash)
        from credits.guild_pools p
        left join lateral (
            select s.id, s.sequence, s.hash from credits.guild_seals s where s.organization_id = p.organization_id order by s.id desc limit 1
        ) s on true
        left join lateral (
            select n.id, n.sequence, n.hash
            from credits.hash_guild_transactions(p.organization_id, s.id, null, s.hash) n
            where p.last_transaction_id is distinct from s.id and n.rows > 0
        ) c on true
    ) h
    where h.id is not null
    order by h.ledger collate "C", h.account collate "C"
$$;

comment on function credits.export_seals() is
'How the hash chain of every ledger stands now, from its newest seal and the rows since, for keeping outside of this database: credits.compare_seals tells later whether the ledgers still pass through it.
Errors: none.
Idempotency: reads only.
Locks: none.';
