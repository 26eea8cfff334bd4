-- Which request moved the credits: from a line of a log to its rows, and back.

set local role credits_owner;

-- The default comes after the column, so that neither table is rewritten; it is for new rows alone.
alter table credits.transactions add column if not exists request_id text;
alter table credits.transactions
    alter column request_id set default left(nullif(current_setting('credits.request_id', true), ''), 128);
comment on column credits.transactions.request_id is
    'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL has set as credits.request_id; emptied by an erasure';
alter table credits.guild_transactions add column if not exists request_id text;
alter table credits.guild_transactions
    alter column request_id set default left(nullif(current_setting('credits.request_id', true), ''), 128);
comment on column credits.guild_transactions.request_id is
    'X-Request-Id of the HTTP request that moved the credits, or what a caller over SQL has set as credits.request_id; emptied by an erasure';
