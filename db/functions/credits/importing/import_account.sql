create or replace function credits.import_account(
    p_account_id text, p_kind credits.account_kind, p_amount numeric, p_metadata jsonb default '{}'
) returns boolean
language plpgsql
as $$
begin
    if p_kind = 'person' and credits._erased_since(p_account_id) then
        return false;
    end if;
    perform credits._lock_account(p_account_id, p_kind, p_create => true);
    if (credits._opening(p_account_id, p_kind)).id is not null then
        return false;
    end if;
    perform credits._post(
        p_account_id, p_kind, 'grant', trim_scale(p_amount), 0, 'Opening balance', p_metadata => p_metadata, p_reference_id => 'opening'
    );
    return true;
end
$$;

comment on function credits.import_account is
'Brings an account from the predecessor by one entry, of 0 where it has nothing. It has what can be spent, and what open gifts and holds have set aside. False if that was done before, or the person erased since.
Errors: UC001 invalid_request (the id of somebody erased), UC008 balance_too_large, 55P03 while the person is being erased.
Idempotency: by nature; an account is brought once.
Locks: the account.';
