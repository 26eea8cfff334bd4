-- What the tables of accounts say of themselves, since debits post directly: 0013 speaks of deciding before the lock, which no debit does any more.

set local role credits_owner;

comment on table credits.balances is
    'What each user owns. It follows the ledger and the reservations; a direct change of an amount is refused';
comment on table credits.guild_pools is
    'What each guild shares. It follows the ledger and the reservations; a direct change of an amount is refused';
comment on table credits.job_claims is
    'When a process last took a job that one process at a time should do; a reconciliation holds its row while it runs';
