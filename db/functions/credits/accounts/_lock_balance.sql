create or replace function credits._lock_balance(p_user_id text, p_create boolean) returns credits.balances
language plpgsql
as $$
declare
    v_balance credits.balances;
begin
    if p_create then
        perform credits._refuse_pseudonym(p_user_id);
    end if;
    select * into v_balance from credits.balances where user_id = p_user_id for no key update;
    -- More than once only if the account is erased right after somebody else has made it.
    while not found and p_create loop
        perform credits._open_account(p_user_id);
        select * into v_balance from credits.balances where user_id = p_user_id for no key update;
    end loop;
    if v_balance.reserved > 0 or v_balance.next_expiry <= credits._now() then
        v_balance := credits._settle_balance(p_user_id);
    end if;
    return v_balance;
end
$$;

comment on function credits._lock_balance(text, boolean) is
    'Locks a user''s balance until the transaction ends and returns it as of this moment: without holds past their time and without expired credits. '
    'With p_create, for what comes in, an account never seen is made, and an erased person is refused (UC001); without, all null is returned';
