create or replace view reconcile.usage_stats_off_ledger as
with ledger as (
    -- What is not folded yet is taken from the ledger itself.
    select t.user_id, t.app_id, (t.created_at at time zone 'UTC')::date as date, -sum(t.amount) as used, count(*) as rows
    from credits.transactions t
    join credits.usage_marks m on m.user_id = t.user_id and m.last_id >= t.id
    where t.type = 'usage'
    group by t.user_id, t.app_id, (t.created_at at time zone 'UTC')::date
)
select
    coalesce(s.user_id, l.user_id) as account,
    format('%s of %s on %s', figures.what, coalesce(s.app_id, l.app_id), coalesce(s.date, l.date)) as what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from credits.usage_folds s
full join ledger l on l.user_id = s.user_id and l.app_id = s.app_id and l.date = s.date
cross join lateral (
    values
    ('credits_used', coalesce(l.used, 0), coalesce(s.credits_used, 0)),
    ('transactions_count', coalesce(l.rows, 0), coalesce(s.transactions_count, 0))
) as figures (what, expected, actual)
where figures.expected <> figures.actual;

comment on view reconcile.usage_stats_off_ledger is 'Folded usage statistics that are not the sum of the usage in the ledger';
