create or replace view reconcile.usage_stats_off_entries as
with touched as materialized (
    -- What is not folded yet is taken from the entries themselves.
    select e.account_id as user_id, (e.created_at at time zone 'UTC')::date as date, m.sequence
    from credits.unverified_entries e
    join credits.usage_marks m on m.user_id = e.account_id and m.sequence >= e.sequence
    where e.kind = 'person' and e.type = 'usage'
    union
    select f.user_id, f.date, m.sequence
    from credits.usage_folds f
    left join credits.usage_marks m on m.user_id = f.user_id
    where (select credits._reconciliation_is_full())
),
ledger as (
    select d.user_id, l.app_id, d.date, l.used, l.rows
    from (select t.user_id, min(t.date) as first, t.sequence from touched t group by t.user_id, t.sequence) u
    cross join lateral (
        select e.app_id, (e.created_at at time zone 'UTC')::date as date, -sum(e.amount) as used, count(*) as rows
        from credits.entries e
        where e.account_id = u.user_id
            and e.kind = 'person'
            -- Where the time is later than an id's, it is by moments. Ids are far ahead after a clock that went back.
            and e.sequence > credits._sequence_at(
                u.user_id, 'person', credits._id_floor(u.first::timestamp at time zone 'UTC' - interval '1 minute')
            )
            and e.sequence <= u.sequence
            and e.type = 'usage'
        group by e.app_id, (e.created_at at time zone 'UTC')::date
    ) l
    join touched d on d.user_id = u.user_id and d.date = l.date
)
select
    coalesce(s.user_id, l.user_id) as account,
    format('%s of %s on %s', figures.what, coalesce(s.app_id, l.app_id), coalesce(s.date, l.date)) as what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from (select f.* from touched d join credits.usage_folds f on f.user_id = d.user_id and f.date = d.date) s
full join ledger l on l.user_id = s.user_id and l.app_id = s.app_id and l.date = s.date
cross join lateral (
    values
    ('credits_used', coalesce(l.used, 0), coalesce(s.credits_used, 0)),
    ('transactions_count', coalesce(l.rows, 0), coalesce(s.transactions_count, 0))
) as figures (what, expected, actual)
where figures.expected <> figures.actual;

comment on view reconcile.usage_stats_off_entries is
    'Folded usage statistics that are not the sum of the usage in the ledger';
