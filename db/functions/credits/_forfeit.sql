create or replace function credits._forfeit(p_user_id text) returns numeric
language plpgsql
as $$
declare
    v_balance credits.balances;
begin
    select * into v_balance from credits.balances where user_id = p_user_id;
    if v_balance.balance > 0 then
        perform credits._post_transaction(v_balance, 'erasure', -v_balance.balance, '');
        return v_balance.balance;
    end if;
    return 0;
end
$$;

comment on function credits._forfeit(text) is
    'Lets all that an erased person could spend go, by a ledger row of type erasure, and returns how much; the caller has locked the balance';
