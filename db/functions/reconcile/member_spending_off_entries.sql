create or replace view reconcile.member_spending_off_entries as
select
    e.account_id as account,
    format('%s of %s at entry %s', f.what, e.other_id, e.sequence) as what,
    f.expected,
    f.actual,
    f.actual - f.expected as difference
from credits.unverified_entries e
left join credits.entries p on p.account_id = e.account_id and p.kind = e.kind and p.sequence = e.sequence - 1
left join lateral (
    select m.running_day, m.spent_that_day, m.spent_that_week, m.spent_that_month
    from credits.entries m
    where m.account_id = e.account_id and m.kind = 'pool' and m.other_id = e.other_id and m.sequence < e.sequence
    order by m.sequence desc
    limit 1
) m on true
-- What left the pool's available credits, and hence counts for the member on that day.
cross join lateral (
    select case when e.spending_day is not null then coalesce(p.available - p.debt, 0) - (e.available - e.debt) else 0 end as needed
) n
cross join lateral (
    values
    (
        'spent_that_day', e.spent_that_day,
        case when m.running_day = e.running_day then m.spent_that_day else 0 end
        + case when e.spending_day = e.running_day then n.needed else 0 end
    ),
    (
        'spent_that_week', e.spent_that_week,
        case when date_trunc('week', m.running_day::timestamp) = date_trunc('week', e.running_day::timestamp) then m.spent_that_week else 0 end
        + case when date_trunc('week', e.spending_day::timestamp) = date_trunc('week', e.running_day::timestamp) then n.needed else 0 end
    ),
    (
        'spent_that_month', e.spent_that_month,
        case when date_trunc('month', m.running_day::timestamp) = date_trunc('month', e.running_day::timestamp) then m.spent_that_month else 0 end
        + case when date_trunc('month', e.spending_day::timestamp) = date_trunc('month', e.running_day::timestamp) then n.needed else 0 end
    ),
    (
        'running_day', e.running_day - date '1970-01-01',
        greatest(m.running_day, e.running_day) - date '1970-01-01'
    )
) as f (what, actual, expected)
where e.kind = 'pool' and e.type <> 'grant' and f.actual is distinct from f.expected;

comment on view reconcile.member_spending_off_entries is
    'Entries of pools whose running figures do not follow from the member''s entry before and from what they moved';
