create or replace function credits._restore_dated(p_debit credits.transactions, p_given_before numeric, p_amount numeric)
returns void
language plpgsql
as $$
declare
    v_held credits.reservations;
    v_balance credits.balances;
    v_excess numeric;
begin
    -- A committed reservation took its dated credits when it was made, for all that it held.
    if p_debit.type = 'usage' and p_debit.reference_id is not null then
        select * into v_held
        from credits.reservations
        where account_id = p_debit.user_id and id = p_debit.reference_id::uuid;
        perform credits._give_back_dated(
            p_debit.user_id, v_held.id, v_held.amount, v_held.amount - v_held.committed_amount + p_given_before, p_amount
        );
    else
        perform credits._give_back_dated(p_debit.user_id, p_debit.id, -p_debit.amount, p_given_before, p_amount);
    end if;

    select * into v_balance from credits.balances where user_id = p_debit.user_id;
    if v_balance.next_expiry is not null then
        -- A debt is repaid first: no more can expire than there is.
        select sum(remaining) - greatest(v_balance.balance, 0) into v_excess
        from credits.dated_credits
        where user_id = p_debit.user_id and remaining > 0;
        if v_excess > 0 then
            perform credits._take_dated(p_debit.user_id, p_debit.id, v_excess);
        end if;
        perform credits._expire_dated(p_debit.user_id);
    end if;
end
$$;

comment on function credits._restore_dated(credits.transactions, numeric, numeric) is
    'After p_amount of a debit has been given back: restores the dated credits it took, then lets go what expired meanwhile';
