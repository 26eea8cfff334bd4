create or replace function credits._expire_dated(p_user_id text) returns void
language plpgsql
as $$
declare
    v_balance credits.balances;
    v_dated credits.dated_credits;
    v_row credits.transactions;
begin
    select * into v_balance from credits.balances where user_id = p_user_id;
    if v_balance.next_expiry is null then
        return;
    end if;
    for v_dated in
        select * from credits.dated_credits
        where user_id = p_user_id and remaining > 0 and expires_at <= credits._now()
        order by expires_at, id
    loop
        select * into v_balance from credits.balances where user_id = p_user_id;
        v_row := credits._post_transaction(
            v_balance, 'expiry', -v_dated.remaining, 'Credits expired', p_reference_id => v_dated.id::text,
            p_take_dated => false
        );
        insert into credits.dated_movements (user_id, id, dated_id, cause_id, amount, created_at)
        values (p_user_id, credits._new_id(), v_dated.id, v_row.id, -v_dated.remaining, v_row.created_at);
    end loop;
end
$$;

comment on function credits._expire_dated(text) is
    'Lets the credits of an account, which the caller has locked, that are past their date go: a ledger row of type expiry each';
