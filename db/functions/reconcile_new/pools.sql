create or replace view reconcile_new.pools as
select
    p.organization_id,
    v.transaction_id as verified_id,
    coalesce(v.balance, 0) as balance
from credits.guild_pools p
left join lateral (
    select r.*
    from credits.guild_transactions g
    join credits.reconciled_accounts r on r.transaction_id = g.id
    where g.organization_id = p.organization_id
    order by g.id desc
    limit 1
) v on true
where p.last_transaction_id is not null
    and not exists (select from credits.reconciled_accounts r where r.transaction_id = p.last_transaction_id);

comment on view reconcile_new.pools is
    'Guild pools that moved since the last clean run, and where they were then; found by going back in the ledger to the newest verified row';
