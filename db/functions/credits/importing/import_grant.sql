create or replace function credits.import_grant(p_user_id text, p_reference_id text) returns boolean
language plpgsql
as $$
begin
    perform credits._lock_account(p_user_id, 'person');
    if exists (
        select from credits.entries e
        where e.account_id = p_user_id and e.kind = 'person' and e.type = 'grant' and e.reference_id = p_reference_id
    ) then
        return false;
    end if;
    perform credits._post(
        p_user_id, 'person', 'grant', 0, 0, 'Granted before the opening', p_reference_id => p_reference_id
    );
    return true;
end
$$;

comment on function credits.import_grant is
'Keeps a grant of the predecessor from being given again: an entry of 0 under its reference, since its credits are in the opening entry. False if there is one under this reference.
Errors: none.
Idempotency: by nature.
Locks: the user''s account.';
