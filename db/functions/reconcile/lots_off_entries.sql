create or replace view reconcile.lots_off_entries as
with lots as (
    select
        l.*, e.available,
        case when e.lot_id = l.id then least(e.lot_left, l.remaining) else l.remaining end as remains
    from credits.lots l
    left join lateral (
        select * from credits.entries e
        where e.account_id = l.account_id and e.kind = 'person' order by e.sequence desc limit 1
    ) e on true
),
granted as (
    select e.account_id, e.id, e.amount, e.ends_at
    from credits.unverified_entries e
    where e.type = 'grant' and e.ends_at is not null
),
moved as (
    select m.account_id, m.lot_id, sum(m.amount) as amount
    from (
        select m.account_id::text as account_id, m.lot_id, m.amount
        from credits.lot_movements m
        where (select credits._reconciliation_is_full())
            or m.account_id in (select g.account_id from granted g)
        union all
        -- What an entry says of the lot in front, unless it has been noted among the movements since.
        select e.account_id, e.lot_id, -e.lot_taken
        from credits.unverified_entries e
        where e.lot_id is not null
            and not exists (select from credits.lot_movements m where m.account_id = e.account_id and m.id = e.id)
    ) m
    group by m.account_id, m.lot_id
)
select
    g.account_id as account, format('%s of lot %s', f.what, g.id) as what, f.expected, f.actual,
    f.actual - f.expected as difference
from granted g
left join lots l on l.account_id = g.account_id and l.id = g.id
left join moved m on m.account_id = g.account_id and m.lot_id = g.id
cross join lateral (
    values
    ('granted', g.amount, l.granted),
    ('what is left', g.amount + coalesce(m.amount, 0), l.remains),
    ('seconds of expires_at', extract(epoch from g.ends_at), extract(epoch from l.expires_at))
) as f (what, expected, actual)
where f.actual is distinct from f.expected
union all
select l.account_id, format('grant of lot %s', l.id), null, l.granted, l.granted
from credits.lots l
where l.created_at >= (select credits._verified_until())
    and not exists (
        select from credits._facts_of(l.account_id, 'person', l.id) g where g.type = 'grant' and g.ends_at is not null
    )
union all
select l.account_id, 'lots of what is available', max(l.available), sum(l.remains), sum(l.remains) - max(l.available)
from lots l
where l.remaining > 0
group by l.account_id
having sum(l.remains) > max(l.available);

comment on view reconcile.lots_off_entries is
'Lots that nobody granted, whose rest or end is not that of their grant, entries and movements, or that are more than
the account has';
