create or replace view reconcile_new.reservations_off_ledger as
with committed as (
    select user_id as account_id, false as of_guild, id, reference_id, -amount as amount
    from reconcile_new.transactions
    where type = 'usage' and reference_id is not null
    union all
    select organization_id, true, id, reference_id, -amount
    from reconcile_new.guild_transactions
    where type = 'usage' and reference_id is not null
),
ended as (
    select r.*
    from reconcile_new.accounts a
    join credits.reservations r on r.account_id = a.user_id and r.organization_id is null
    where r.status = 'committed' and (a.verified_id is null or r.transaction_id > a.verified_id)
    union all
    select r.*
    from reconcile_new.pools p
    join credits.reservations r on r.account_id = p.organization_id and r.organization_id is not null
    where r.status = 'committed' and (p.verified_id is null or r.transaction_id > p.verified_id)
)
select
    coalesce(r.account_id, c.account_id) as account,
    format('reservation %s', coalesce(r.id::text, c.reference_id)) as what,
    coalesce(r.committed_amount, 0) as expected,
    coalesce(c.amount, 0) as actual,
    coalesce(c.amount, 0) - coalesce(r.committed_amount, 0) as difference
from ended r
full join committed c
    on c.account_id = r.account_id and c.of_guild = (r.organization_id is not null) and c.id = r.transaction_id
where coalesce(r.committed_amount, 0) <> coalesce(c.amount, 0) or c.reference_id is distinct from r.id::text;

comment on view reconcile_new.reservations_off_ledger is 'reservations_off_ledger, of what was committed since the last clean run';
