create or replace view credits.unverified_entries as
select e.*
from credits.entries e
where (select credits._reconciliation_is_full())
union all
select n.*
from credits.unverified_accounts a
cross join lateral (
    select *
    from credits.entries e
    where e.account_id = a.account_id and e.kind = a.kind and e.sequence > a.verified
    -- Keeps the planner from reading the whole ledger of an account: all conditions belong to one look into its key.
    offset 0
) n
where not (select credits._reconciliation_is_full());

comment on view credits.unverified_entries is 'Entries that are newer than the last clean run; all entries in a full run';
