create or replace function credits._restore_dated(
    p_debit credits.transactions, p_given_before numeric, p_amount numeric, p_at timestamptz
) returns void
language plpgsql
as $$
declare
    v_held credits.reservations;
begin
    if p_debit.type = 'usage' and p_debit.reference_id is not null then
        select * into v_held
        from credits.reservations
        where account_id = p_debit.user_id and id = p_debit.reference_id::uuid and not committed_late;
    end if;
    -- A reservation that was committed in time took its dated credits when it was made, for all that it held.
    if v_held.id is not null then
        perform credits._give_back_dated(
            p_debit.user_id, v_held.id, v_held.amount, v_held.amount - v_held.committed_amount + p_given_before, p_amount,
            p_at
        );
    else
        perform credits._give_back_dated(p_debit.user_id, p_debit.id, -p_debit.amount, p_given_before, p_amount, p_at);
    end if;
    perform credits._expire_dated(p_debit.user_id);
end
$$;

comment on function credits._restore_dated(credits.transactions, numeric, numeric, timestamptz) is
    'After p_amount of a debit has been given back at p_at: restores the dated credits it took, then lets go what expired meanwhile';
