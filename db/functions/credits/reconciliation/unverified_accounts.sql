create or replace view credits.unverified_accounts as
select a.account_id::text as account_id, a.kind, 0::bigint as verified, 0::bigint as sealed
from credits.accounts a
where (select credits._reconciliation_is_full())
union all
select c.account_id, c.kind, c.verified, c.sealed
from unnest(nullif(current_setting('credits.reconciliation', true), '')::credits.changed_accounts[]) c;

comment on view credits.unverified_accounts is
    'Accounts that a run looks at, and up to which entry and seal they are verified: those that changed since the last clean run; all accounts in a full run';
