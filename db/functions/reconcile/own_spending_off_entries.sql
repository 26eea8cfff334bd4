create or replace view reconcile.own_spending_off_entries as
select
    c.account_id as account,
    format('%s of %s on %s', f.what, coalesce(nullif(c.app_id, ''), 'all apps'), c.running_day) as what,
    f.expected,
    f.actual,
    f.actual - f.expected as difference
from credits.spending_limits c
join credits.unverified_accounts a on a.account_id = c.account_id and a.kind = c.kind
cross join lateral credits._own_spending(c.account_id, c.app_id, c.running_day) s
cross join lateral (
    values
    ('spent_that_day', s.today, c.spent_that_day),
    ('spent_that_week', s.this_week, c.spent_that_week),
    ('spent_that_month', s.this_month, c.spent_that_month)
) as f (what, expected, actual)
where c.kind = 'person' and c.running_day is not null and f.actual <> f.expected
union all
select a.account_id, 'limited', n.rows, null, null
from credits.accounts a
cross join lateral (
    select count(*) as rows from credits.spending_limits l where l.account_id = a.account_id and l.kind = a.kind
) n
where a.limited <> (n.rows > 0);

comment on view reconcile.own_spending_off_entries is
    'Counters of people''s own limits that are not what their entries and holds add up to, and accounts that are marked as limited and are not, or the other way round';
