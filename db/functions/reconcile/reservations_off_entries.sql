create or replace view reconcile.reservations_off_entries as
with held as (
    select r.account_id::text as account_id, r.kind, sum(r.amount) as amount
    from credits.reservations r
    where r.status = 'held'
    group by r.account_id, r.kind
),
standing as (
    select a.account_id, a.kind, (
        select e.reserved from credits.entries e
        where e.account_id = a.account_id and e.kind = a.kind order by e.sequence desc limit 1
    ) as reserved
    from credits.unverified_accounts a
)
select
    coalesce(s.account_id, h.account_id) as account,
    'reserved' as what,
    coalesce(h.amount, 0) as expected,
    coalesce(s.reserved, 0) as actual,
    coalesce(s.reserved, 0) - coalesce(h.amount, 0) as difference
from standing s
full join held h on h.account_id = s.account_id and h.kind = s.kind
where coalesce(s.reserved, 0) <> coalesce(h.amount, 0)
union all
select
    r.account_id, format('what was used of reservation %s', r.id), r.captured + r.committed_amount, u.used,
    u.used - r.captured - r.committed_amount
from credits.unverified_accounts a
join credits.reservations r on r.account_id = a.account_id and r.kind = a.kind
cross join lateral (
    select
        coalesce(-sum(e.amount), 0) as used,
        coalesce(-sum(e.amount) filter (where e.id = r.transaction_id), 0) as committed
    from credits.entries e
    where e.account_id = r.account_id and e.kind = r.kind and e.type = 'usage' and e.reference_id = r.id::text
) u
where r.captured + r.committed_amount > 0
    and (u.used, u.committed) is distinct from (r.captured + r.committed_amount, r.committed_amount)
union all
select
    h.account_id, format('seconds of expires_at of reservation %s', r.id), extract(epoch from h.ends_at),
    extract(epoch from r.expires_at), extract(epoch from r.expires_at - h.ends_at)
from (
    select distinct on (e.account_id, e.kind, e.reference_id) e.account_id, e.kind, e.reference_id, e.ends_at
    from credits.unverified_entries e
    where e.type = 'hold' and e.ends_at is not null
    order by e.account_id, e.kind, e.reference_id, e.sequence desc
) h
join credits.reservations r on r.account_id = h.account_id and r.kind = h.kind and r.id = credits._as_id(h.reference_id)
where r.expires_at is distinct from h.ends_at;

comment on view reconcile.reservations_off_entries is
'Accounts whose reserved credits are not their open holds. And holds with another amount captured or committed, or
another end, than their entries say';
