create or replace view credits.listed_accounts as
select c.account_id, c.kind, c.verified, c.sealed
from unnest(nullif(current_setting('credits.reconciliation', true), '')::credits.changed_accounts[]) c;

comment on view credits.listed_accounts is
    'The accounts at which a run of what is new looks, as credits._run_checks was given them: no rows in a full run';
