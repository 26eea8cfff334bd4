create or replace function credits.export_seals()
returns table (ledger text, account text, sequence bigint, id uuid, hash text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select h.ledger, h.account, h.sequence, h.id, encode(h.hash, 'hex')
    from (
        (
            select distinct on (s.user_id) 'personal' as ledger, s.user_id as account, s.sequence, s.id, s.hash
            from credits.seals s
            order by s.user_id, s.id desc
        )
        union all
        (
            select distinct on (s.organization_id) 'pool', s.organization_id, s.sequence, s.id, s.hash
            from credits.guild_seals s
            order by s.organization_id, s.id desc
        )
    ) h
    order by h.ledger collate "C", h.account collate "C"
$$;

comment on function credits.export_seals() is
'The newest seal of every ledger, personal and of pools, for keeping outside of this database: credits.compare_seals tells later whether the ledgers still pass through it.
Errors: none.
Idempotency: reads only.
Locks: none.';
