create or replace view reconcile.broken_chains as
with chain as (
    select
        e.account_id as account, e.sequence, e.type, e.reversal, e.id, e.created_at, e.amount, e.available, e.reserved, e.debt, e.clawed_back,
        e.number, e.total_spent, e.available + e.reserved - e.debt as owned,
        p.id as last_id,
        p.created_at as last_at,
        p.sequence is null and e.sequence > 1 as is_cut,
        coalesce(p.available + p.reserved - p.debt, 0) as last_owned,
        coalesce(p.reserved, 0) as last_reserved,
        coalesce(p.clawed_back, 0) as last_clawed_back,
        -- What an overrun took beyond what was there.
        case when e.type in ('usage', 'hold') then greatest(e.debt - coalesce(p.debt, 0), 0) else 0 end as overrun,
        coalesce(p.number, 0) as last_number,
        coalesce(p.total_spent, 0) as last_total_spent
    from credits.unverified_entries e
    left join credits.entries p on p.account_id = e.account_id and p.kind = e.kind and p.sequence = e.sequence - 1
)
select
    c.account,
    format('%s of entry %s', figures.what, c.sequence) as what,
    figures.expected,
    figures.actual,
    figures.actual - figures.expected as difference
from chain c
cross join lateral (
    values
    ('predecessor', c.sequence - 1, null, c.is_cut),
    ('owned', c.last_owned + c.amount, c.owned, c.owned <> c.last_owned + c.amount),
    -- What is held changes by holds, their ends and what is used of them alone.
    (
        'reserved', c.last_reserved, c.reserved,
        case c.type
            when 'hold' then c.reserved < c.last_reserved
            when 'release' then c.reserved > c.last_reserved
            when 'usage' then c.reserved > c.last_reserved
            else c.reserved <> c.last_reserved
        end
    ),
    ('debt', least(c.debt, c.clawed_back), c.debt, c.debt > c.clawed_back or (c.debt > 0 and c.available > 0)),
    (
        'clawed_back', c.last_clawed_back - case when c.type = 'clawback' then c.amount else 0 end + c.overrun, c.clawed_back,
        c.clawed_back <> c.last_clawed_back - case when c.type = 'clawback' then c.amount else 0 end + c.overrun
    ),
    (
        'number', c.last_number + case when c.amount = 0 then 0 else 1 end, c.number,
        c.number <> c.last_number + case when c.amount = 0 then 0 else 1 end
    ),
    (
        'total_spent', c.last_total_spent - case when c.amount < 0 or c.reversal then c.amount else 0 end, c.total_spent,
        c.total_spent <> c.last_total_spent - case when c.amount < 0 or c.reversal then c.amount else 0 end
    ),
    -- A clock that went back by more than an hour is believed.
    (
        'seconds of created_at', extract(epoch from c.last_at), extract(epoch from c.created_at),
        c.last_at between c.created_at and c.created_at + interval '1 hour'
    )
) as figures (what, expected, actual, is_off)
where figures.is_off
union all
select e.account_id, format('account of %s entries', count(*)), 1, 0, -1
from credits.entries e
where (select credits._reconciliation_is_full())
    and not exists (select from credits.accounts a where a.account_id = e.account_id and a.kind = e.kind)
group by e.account_id, e.kind;

comment on view reconcile.broken_chains is
    'Entries that do not continue the one before, whose figures do not follow from it and their amount, or that have '
    'no account';
