create or replace view reconcile.broken_chains as
select
    e.account_id as account,
    format('%s of entry %s', f.what, e.sequence) as what,
    f.expected,
    f.actual,
    f.actual - f.expected as difference
from credits.unverified_entries e
left join credits.entries p on p.account_id = e.account_id and p.kind = e.kind and p.sequence = e.sequence - 1
cross join lateral (
    values
    ('predecessor', e.sequence - 1, case when e.sequence > 1 then p.sequence else 0 end),
    ('order of ids', 1, case when e.id <= p.id then 0 else 1 end),
    ('owned', coalesce(p.available + p.reserved - p.debt, 0) + e.amount, e.available + e.reserved - e.debt),
    -- What is held changes by holds, their ends and what is used of them alone.
    (
        'reserved',
        case
            when e.type = 'hold' then greatest(e.reserved, p.reserved)
            when e.type in ('release', 'usage') then least(e.reserved, coalesce(p.reserved, 0))
            else coalesce(p.reserved, 0)
        end,
        e.reserved
    ),
    ('debt', least(e.debt, e.clawed_back, case when e.available > 0 then 0 end), e.debt),
    -- And by what an overrun took beyond what was there.
    (
        'clawed_back',
        coalesce(p.clawed_back, 0)
        + case
            when e.type = 'clawback' then -e.amount
            when e.type in ('usage', 'hold') then greatest(e.debt - coalesce(p.debt, 0), 0)
            else 0
        end,
        e.clawed_back
    ),
    ('number', coalesce(p.number, 0) + case when e.amount = 0 then 0 else 1 end, e.number),
    (
        'total_spent',
        coalesce(p.total_spent, 0) - case when e.amount < 0 or e.reversal then e.amount else 0 end,
        e.total_spent
    ),
    -- Later than the entry before. A clock that went back by more than an hour is believed.
    (
        'seconds of created_at',
        extract(epoch from case
            when p.created_at between e.created_at and e.created_at + interval '1 hour'
                then p.created_at + interval '1 microsecond'
            else e.created_at
        end),
        extract(epoch from e.created_at)
    )
) as f (what, expected, actual)
where f.actual is distinct from f.expected
union all
select e.account_id, format('account of %s entries', count(*)), 1, 0, -1
from credits.entries e
where (select credits._reconciliation_is_full())
    and not exists (select from credits.accounts a where a.account_id = e.account_id and a.kind = e.kind)
group by e.account_id, e.kind;

comment on view reconcile.broken_chains is
'Entries that do not continue the one before, or whose figures do not follow from it and their amount. And those that
have no later id, or no account';
