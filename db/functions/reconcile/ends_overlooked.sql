create or replace view reconcile.ends_overlooked as
select
    d.account_id::text as account,
    'seconds of due_after, at most' as what,
    extract(epoch from d.first) as expected,
    extract(epoch from d.due_after) as actual,
    extract(epoch from d.due_after - d.first) as difference
from (
    select d.account_id, d.kind, min(d.expires_at) as first, (
        select e.due_after from credits.entries e
        where e.account_id = d.account_id and e.kind = d.kind order by e.sequence desc limit 1
    ) as due_after
    from (
        select l.account_id, 'person'::credits.account_kind as kind, l.expires_at
        from credits.lots l
        where l.remaining > 0
        union all
        select r.account_id, r.kind, r.expires_at from credits.reservations r where r.status = 'held'
    ) d
    group by d.account_id, d.kind
) d
where d.due_after <= d.first is not true;

comment on view reconcile.ends_overlooked is
    'Accounts whose last entry would let the end of a hold or a lot go unnoticed';
