create or replace function credits.import_account(
    p_account_id text,
    p_kind credits.account_kind,
    p_amount numeric,
    p_metadata jsonb default '{}',
    p_reference_id text default 'opening',
    p_description text default 'Opening balance'
) returns boolean
language plpgsql
as $$
begin
    if p_kind = 'person' and credits._erased_since(p_account_id) then
        return false;
    end if;
    perform credits._lock_account(p_account_id, p_kind, p_create => true);
    if exists (
        select from credits.entries e
        where e.account_id = p_account_id and e.kind = p_kind and e.type = 'grant' and e.reference_id = p_reference_id
    ) then
        return false;
    end if;
    perform credits._post(
        p_account_id, p_kind, 'grant', trim_scale(p_amount), 0, p_description,
        p_metadata => p_metadata, p_reference_id => p_reference_id
    );
    return true;
end
$$;

comment on function credits.import_account is
'Brings an account from the predecessor by one entry, of 0 where it has nothing. It has what can be spent, and what open
gifts and holds have set aside. Under the reference of a grant of the predecessor, whose credits are in that entry, one
of 0 keeps it from being given again. False if that was done before, or the person erased since.
Errors: UC001 invalid_request (the id of somebody erased), UC008 balance_too_large, 55P03 while the person is being
erased.
Idempotency: by the reference; an account is brought once.
Locks: the account.';
