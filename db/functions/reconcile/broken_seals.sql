create or replace view reconcile.broken_seals as
with parts as (
    select
        s.account_id, s.kind, s.sequence, s.hash, s.verified,
        lag(s.sequence, 1, 0::bigint) over account as after_sequence,
        lag(s.hash) over account as after_hash
    from (
        select s.*, 0::bigint as verified from credits.seals s where (select credits._reconciliation_is_full())
        union all
        select s.*, l.sealed
        from credits.listed_accounts l
        join credits.seals s on s.account_id = l.account_id and s.kind = l.kind and s.sequence >= l.sealed
    ) s
    window account as (partition by s.account_id, s.kind order by s.sequence)
)
select
    p.account_id as account,
    format('rows %s to %s', p.after_sequence + 1, p.sequence) as what,
    encode(p.hash, 'hex') as expected,
    encode(c.hash, 'hex') as actual,
    c.rows - (p.sequence - p.after_sequence) as difference
from parts p
cross join lateral credits.hash_entries(p.account_id, p.kind, p.after_sequence, p.sequence, p.after_hash) c
where p.sequence > p.verified and (c.hash <> p.hash or c.sequence is distinct from p.sequence);

comment on view reconcile.broken_seals is
'Sealed entries that are not as they were sealed. Expected is the hash of the seal, actual that of the entries,
difference the number of rows too many';
