create or replace function credits._refuse_outdated() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = '40001',
        message = 'The snapshot of this transaction is too old',
        hint = 'Begin the transaction again';
end
$$;

comment on function credits._refuse_outdated is
    'Raises 40001: the snapshot of the transaction is older than the account''s last entry, or than prices may be';
