create or replace view reconcile.verified_and_changed as
with verified as (
    select r.* from credits.reconciled_accounts r where (select credits._reconciliation_is_full())
    union all
    select r.*
    from credits.listed_accounts l
    join credits.reconciled_accounts r on r.account_id = l.account_id and r.kind = l.kind
)
select
    r.account_id as account,
    format('entry %s', r.sequence) as what,
    concat_ws(' ', r.id, r.owned, r.number, r.total_spent) as expected,
    concat_ws(' ', e.id, e.available + e.reserved - e.debt, e.number, e.total_spent) as actual,
    e.available + e.reserved - e.debt - r.owned as difference
from verified r
-- Each by its key: nobody reads whole ledgers for it.
left join lateral (
    select * from credits.entries e
    where e.account_id = r.account_id and e.kind = r.kind and e.sequence = r.sequence offset 0
) e on true
where (e.id, e.available + e.reserved - e.debt, e.number, e.total_spent)
    is distinct from (r.id, r.owned, r.number, r.total_spent)
union all
select r.account_id, format('seal of entry %s', r.sealed), null, null, -1
from verified r
where r.sealed > 0
    and not exists (
        select from credits.seals s where s.account_id = r.account_id and s.kind = r.kind and s.sequence = r.sealed
    );

comment on view reconcile.verified_and_changed is
    'Accounts whose last entry of the last clean run, or its newest seal, is gone or is not what it was then';
