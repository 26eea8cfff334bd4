create or replace view credits.usage_stats as
select user_id, app_id, date, sum(credits_used)::numeric(24, 6) as credits_used, sum(transactions_count)::bigint as transactions_count
from (
    select f.user_id, f.app_id, f.date, f.credits_used, f.transactions_count from credits.usage_folds f
    union all
    -- The very types of the first part: else a filter by user would not reach the second.
    select b.user_id::text, t.app_id::text, (t.created_at at time zone 'UTC')::date, (-t.amount)::numeric(24, 6), 1::bigint
    from credits.balances b
    left join credits.usage_marks m on m.user_id = b.user_id
    cross join lateral (
        select l.app_id, l.created_at, l.amount
        from credits.transactions l
        where l.user_id = b.user_id
            and l.id > coalesce(m.last_id, '00000000-0000-0000-0000-000000000000')
            and l.type = 'usage'
    ) t
) parts
group by user_id, app_id, date;

comment on view credits.usage_stats is
    'Personal usage by user, app and UTC day: what is folded already, and the at most 256 rows of each account since';
