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
cross join lateral (
    select
        format('spent_that_%s', w.name) as what,
        w.actual,
        case
            when date_trunc(w.name, m.running_day::timestamp) = date_trunc(w.name, e.running_day::timestamp)
                then w.before
            else 0
        end
        -- What left the pool's available credits counts for the member on that day.
        + case
            when date_trunc(w.name, e.spending_day::timestamp) = date_trunc(w.name, e.running_day::timestamp)
                then coalesce(p.available - p.debt, 0) - (e.available - e.debt)
            else 0
        end as expected
    from (
        values
        ('day', m.spent_that_day, e.spent_that_day),
        ('week', m.spent_that_week, e.spent_that_week),
        ('month', m.spent_that_month, e.spent_that_month)
    ) as w (name, before, actual)
    union all
    -- With the names that a dump writes.
    select
        'running_day' as what, e.running_day - date '1970-01-01' as actual,
        greatest(m.running_day, e.running_day) - date '1970-01-01' as expected
) f
where e.kind = 'pool' and e.type <> 'grant' and f.actual is distinct from f.expected;

comment on view reconcile.member_spending_off_entries is
    'Entries of pools whose running figures do not follow from the member''s entry before and from what they moved';
