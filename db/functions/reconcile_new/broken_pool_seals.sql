create or replace view reconcile_new.broken_pool_seals as
with accounts as (
    select b.organization_id, r.seal_id as verified_id
    from credits.guild_pools b
    join credits.reconciled_accounts r on r.transaction_id = b.last_transaction_id
    union all
    select a.organization_id, r.seal_id
    from reconcile_new.pools a
    left join credits.reconciled_accounts r on r.transaction_id = a.verified_id
)
select
    a.organization_id as account,
    format('rows %s to %s', p.after_sequence + 1, p.sequence) as what,
    encode(p.hash, 'hex') as expected,
    encode(c.hash, 'hex') as actual,
    c.rows - (p.sequence - p.after_sequence) as difference
from accounts a
cross join lateral (
    select
        s.id,
        s.sequence,
        s.hash,
        lag(s.id) over account as after_id,
        lag(s.sequence, 1, 0::bigint) over account as after_sequence,
        lag(s.hash) over account as after_hash
    from credits.guild_seals s
    where s.organization_id = a.organization_id and s.id >= coalesce(a.verified_id, '00000000-0000-0000-0000-000000000000')
    window account as (order by s.id)
) p
cross join lateral credits.hash_guild_transactions(a.organization_id, p.after_id, p.id, p.after_hash) c
where p.id is distinct from a.verified_id
    and (c.hash <> p.hash or c.id is distinct from p.id or c.sequence <> p.sequence)
union all
select a.organization_id, format('the seal of %s, which was verified', a.verified_id), null, null, -1
from accounts a
where a.verified_id is not null
    and not exists (select from credits.guild_seals s where s.organization_id = a.organization_id and s.id = a.verified_id);

comment on view reconcile_new.broken_pool_seals is 'broken_pool_seals, from the last verified seal of each account on';
