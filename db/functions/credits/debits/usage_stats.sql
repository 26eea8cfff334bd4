create or replace view credits.usage_stats as
select
    user_id, app_id, date, sum(credits_used)::numeric(24, 6) as credits_used,
    sum(transactions_count)::bigint as transactions_count
from (
    select f.user_id, f.app_id, f.date, f.credits_used, f.transactions_count from credits.usage_folds f
    union all
    -- The very types of the first part: else a filter by user would not reach the second.
    select
        a.account_id::text, t.app_id::text, (t.created_at at time zone 'UTC')::date, (-t.amount)::numeric(24, 6),
        1::bigint
    from credits.accounts a
    left join credits.usage_marks m on m.user_id = a.account_id
    cross join lateral (
        select l.app_id, l.created_at, l.amount
        from credits.entries l
        where l.account_id = a.account_id and l.kind = 'person' and l.sequence > coalesce(m.sequence, 0)
            and l.type = 'usage'
    ) t
    where a.kind = 'person'
) parts
group by user_id, app_id, date;

comment on view credits.usage_stats is
'Personal usage by user, app and UTC day: what is folded already, and the at most 256 entries of each account since';
