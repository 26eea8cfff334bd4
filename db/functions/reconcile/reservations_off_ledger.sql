create or replace view reconcile.reservations_off_ledger as
with committed as (
    select user_id as account_id, false as of_guild, id, reference_id, -amount as amount
    from credits.transactions
    where type = 'usage' and reference_id is not null
    union all
    select organization_id, true, id, reference_id, -amount
    from credits.guild_transactions
    where type = 'usage' and reference_id is not null
)
select
    coalesce(r.account_id, c.account_id) as account,
    format('reservation %s', coalesce(r.id::text, c.reference_id)) as what,
    coalesce(r.committed_amount, 0) as expected,
    coalesce(c.amount, 0) as actual,
    coalesce(c.amount, 0) - coalesce(r.committed_amount, 0) as difference
from (select * from credits.reservations where status = 'committed') r
full join committed c
    on c.account_id = r.account_id and c.of_guild = (r.organization_id is not null) and c.id = r.transaction_id
where coalesce(r.committed_amount, 0) <> coalesce(c.amount, 0) or c.reference_id is distinct from r.id::text;

comment on view reconcile.reservations_off_ledger is 'Committed reservations without their ledger row, and ledger rows without their reservation';
