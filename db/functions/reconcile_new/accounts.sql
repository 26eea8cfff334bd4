create or replace view reconcile_new.accounts as
select
    b.user_id,
    v.transaction_id as verified_id,
    coalesce(v.balance, 0) as balance
from credits.balances b
left join lateral (
    select r.*
    from credits.transactions t
    join credits.reconciled_accounts r on r.transaction_id = t.id
    where t.user_id = b.user_id
    order by t.id desc
    limit 1
) v on true
where b.last_transaction_id is not null
    and not exists (select from credits.reconciled_accounts r where r.transaction_id = b.last_transaction_id);

comment on view reconcile_new.accounts is
    'Personal accounts that moved since the last clean run, and where they were then; found by going back in the ledger to the newest verified row';
