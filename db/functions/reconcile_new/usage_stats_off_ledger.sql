create or replace view reconcile_new.usage_stats_off_ledger as
with touched as materialized (
    -- What is not folded yet is taken from the ledger itself.
    select distinct t.user_id, (t.created_at at time zone 'UTC')::date as date, m.last_id
    from reconcile_new.transactions t
    join credits.usage_marks m on m.user_id = t.user_id and m.last_id >= t.id
    where t.type = 'usage'
),
ledger as (
    select d.user_id, l.app_id, d.date, l.used, l.rows
    from touched d
    cross join lateral (
        select t.app_id, -sum(t.amount) as used, count(*) as rows
        from credits.transactions t
        where t.user_id = d.user_id
            -- Ids sort by time: the rows of a day lie between these two, with an hour to spare for a clock that went back.
            and t.id >= (lpad(to_hex((extract(epoch from d.date) * 1000)::bigint - 3600000), 12, '0') || repeat('0', 20))::uuid
            and t.id < (lpad(to_hex((extract(epoch from d.date + 1) * 1000)::bigint + 3600000), 12, '0') || repeat('0', 20))::uuid
            and t.id <= d.last_id
            and t.type = 'usage'
            and (t.created_at at time zone 'UTC')::date = d.date
        group by t.app_id
    ) l
),
stats as (
    select s.user_id, s.app_id, s.date, s.credits_used, s.transactions_count
    from touched d
    join credits.usage_folds s on s.user_id = d.user_id and s.date = d.date
)
select
    coalesce(s.user_id, l.user_id) as account,
    format('%s of %s on %s', figures.what, coalesce(s.app_id, l.app_id), coalesce(s.date, l.date)) as what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from stats s
full join ledger l on l.user_id = s.user_id and l.app_id = s.app_id and l.date = s.date
cross join lateral (
    values
    ('credits_used', coalesce(l.used, 0), coalesce(s.credits_used, 0)),
    ('transactions_count', coalesce(l.rows, 0), coalesce(s.transactions_count, 0))
) as figures (what, expected, actual)
where figures.expected <> figures.actual;

comment on view reconcile_new.usage_stats_off_ledger is 'usage_stats_off_ledger, of the people and days that were used since the last clean run';
