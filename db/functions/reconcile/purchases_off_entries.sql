create or replace view reconcile.purchases_off_entries as
select
    p.user_id::text as account,
    format('purchase %s', p.id) as what,
    p.credits as expected,
    coalesce(e.amount, 0) as actual,
    coalesce(e.amount, 0) - p.credits as difference
from credits.purchases p
left join credits.entries e
    on e.account_id = p.user_id and e.kind = 'person' and e.type = 'purchase' and e.reference_id = p.id::text
where p.completed_at >= (select credits._verified_until())
    and (e.id, e.amount) is distinct from (p.transaction_id, p.credits)
    -- Bought before the account was brought from the predecessor.
    and not exists (
        select from credits._facts_of(p.user_id, 'person', p.transaction_id) o
        where o.type = 'grant' and o.reference_id = 'opening' and o.created_at >= p.completed_at
    )
union all
select c.account_id, 'clawed_back', c.expected + o.overrun, c.clawed_back, c.clawed_back - c.expected - o.overrun
from (
    select a.account_id, a.kind, e.clawed_back, (
        select coalesce(sum(p.clawed_back_credits), 0)
        from credits.purchases p
        where a.kind = 'person' and p.user_id = a.account_id
    ) as expected
    from credits.unverified_accounts a
    cross join lateral (
        select e.clawed_back from credits.entries e
        where e.account_id = a.account_id and e.kind = a.kind order by e.sequence desc limit 1
    ) e
) c
-- Only where it is more than that, what overruns took beyond what was there is added up.
cross join lateral (
    select coalesce(sum(greatest(u.debt - b.debt, 0)), 0) as overrun
    from credits.entries u
    join credits.entries b on b.account_id = u.account_id and b.kind = u.kind and b.sequence = u.sequence - 1
    where u.account_id = c.account_id and u.kind = c.kind and u.type in ('usage', 'hold') and u.debt > 0
) o
where c.clawed_back <> c.expected and c.clawed_back <> c.expected + o.overrun;

comment on view reconcile.purchases_off_entries is
'Completed purchases that were not credited, and people of whom another amount was clawed back than their purchases
say';
