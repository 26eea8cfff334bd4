create or replace function credits._refuse_other_writers() returns trigger
language plpgsql
as $$
begin
    -- Where accounts are spread one role does both: each role would have a connection of its own to the other machines.
    if current_user operator(pg_catalog.<>) 'credits_ledger'
        and current_user operator(pg_catalog.<>) 'credits_owner'
    then
        raise exception using
            errcode = 'UC017',
            message = 'Entries are written by credits._post and credits._post_batch alone',
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;
    return null;
end
$$;

comment on function credits._refuse_other_writers is
'Trigger: refuses every insert into the ledger that does not come from its two writers, also a superuser''s (UC017).
Each entry follows from the one before because they read that under the account''s lock. A trigger that proves it again
would be a seventh of a debit';
