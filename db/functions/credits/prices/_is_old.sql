create or replace function credits._is_old(p_at timestamptz) returns boolean
language sql stable
as $$
    select p_at > now() + interval '1 minute'
        and current_setting('transaction_isolation') not in ('read committed', 'read uncommitted')
$$;

comment on function credits._is_old is
'Whether the transaction keeps a snapshot that may not know the prices of p_at. For one of the last minute
reconciliation allows, as for prices that are not committed yet';
