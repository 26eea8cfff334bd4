create or replace view reconcile.broken_pool_seals as
with parts as (
    select
        organization_id,
        id,
        sequence,
        hash,
        lag(id) over account as after_id,
        lag(sequence, 1, 0::bigint) over account as after_sequence,
        lag(hash) over account as after_hash
    from credits.guild_seals
    window account as (partition by organization_id order by id)
)
select
    p.organization_id as account,
    format('rows %s to %s', p.after_sequence + 1, p.sequence) as what,
    encode(p.hash, 'hex') as expected,
    encode(c.hash, 'hex') as actual,
    c.rows - (p.sequence - p.after_sequence) as difference
from parts p
cross join lateral credits.hash_guild_transactions(p.organization_id, p.after_id, p.id, p.after_hash) c
where c.hash <> p.hash or c.id is distinct from p.id or c.sequence <> p.sequence;

comment on view reconcile.broken_pool_seals is
    'Sealed rows of pools that are not as they were sealed: expected is the hash of the seal, actual what the rows give, difference how many rows there are too many';
