create or replace view credits.unverified_accounts as
select a.account_id::text as account_id, a.kind
from credits.accounts a
where (select credits._reconciliation_is_full())
union all
select l.account_id, l.kind from credits.listed_accounts l;

comment on view credits.unverified_accounts is
    'Accounts that changed since the last clean run or hold something; all accounts in a full run';
