create or replace view reconcile.credits_not_conserved as
with moved as (
    -- What came in from outside less what left for good; movements between accounts of ours cancel out.
    select
        coalesce(sum(e.amount), 0) as credits,
        coalesce(sum(e.amount) filter (where e.type not in ('gift', 'guild_funding', 'funding')), 0) as entered
    from credits.unverified_entries e
),
totals as (
    select m.entered as expected, h.total as actual
    from moved m
    cross join credits.holdings h
    where (select credits._reconciliation_is_full())
    union all
    -- That each account is what was verified of it and its entries since is proved by its chain.
    select
        m.entered + coalesce(
            (select r.credits_held from credits.reconciliations r where r.clean order by r.id desc limit 1), 0
        ),
        m.credits + coalesce((select sum(r.owned) from credits.reconciled_accounts r), 0) + g.credits
    from moved m
    cross join credits.unclaimed_gifts g
    where not (select credits._reconciliation_is_full())
)
select
    'everybody' as account,
    'credits in balances, pools, gifts and reservations' as what,
    t.expected,
    t.actual,
    t.actual - t.expected as difference
from totals t
where t.actual <> t.expected;

comment on view reconcile.credits_not_conserved is
'Credits that were made or lost inside: all that came in, less all that was used, must lie in balances, pools, gifts and
reservations';
