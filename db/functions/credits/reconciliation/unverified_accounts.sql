create or replace view credits.unverified_accounts as
select
    a.account_id::text as account_id,
    a.kind,
    l.sequence as last_sequence,
    case when (select credits._reconciliation_is_full()) then 0 else coalesce(r.sequence, 0) end as verified
from credits.accounts a
cross join lateral (
    select e.sequence
    from credits.entries e
    where e.account_id = a.account_id and e.kind = a.kind
    order by e.sequence desc
    limit 1
) l
left join credits.reconciled_accounts r on r.account_id = a.account_id and r.kind = a.kind
where (select credits._reconciliation_is_full()) or r.sequence is distinct from l.sequence;

comment on view credits.unverified_accounts is
    'Accounts that moved since the last clean run, and the entry that was their last one then; all accounts in a full run';
