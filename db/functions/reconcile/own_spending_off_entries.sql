create or replace view reconcile.own_spending_off_entries as
select
    c.account_id as account,
    format('%s of %s on %s', f.what, coalesce(nullif(c.app_id, ''), 'all apps'), c.running_day) as what,
    f.expected,
    f.actual,
    f.actual - f.expected as difference
from credits.spending_limits c
join credits.unverified_accounts a on a.account_id = c.account_id and a.kind = c.kind
cross join lateral credits._spending_of(c.account_id, c.app_id, c.running_day, c.time_zone) s
cross join lateral (
    values
    ('spent_that_day', s.today, c.spent_that_day),
    ('spent_that_week', s.this_week, c.spent_that_week),
    ('spent_that_month', s.this_month, c.spent_that_month)
) as f (what, expected, actual)
where c.kind = 'person' and c.running_day is not null and f.actual <> f.expected
union all
select
    coalesce(a.account_id, l.account_id),
    case when l.account_id is null then 'limited without limits' else 'limits that nobody looks at' end,
    null, null, null
from (select account_id::text as account_id, kind from credits.accounts where limited) a
full join (select distinct account_id::text as account_id, kind from credits.spending_limits) l using (account_id, kind)
where a.account_id is null or l.account_id is null;

comment on view reconcile.own_spending_off_entries is
'Counters of people''s own limits that are not the sum of their entries and holds. And accounts that are wrongly marked,
or not marked, as limited';
