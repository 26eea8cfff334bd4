create or replace function credits._repay_from_dated(p_user_id text, p_at timestamptz) returns void
language plpgsql
as $$
declare
    v_dated credits.dated_credits;
    v_excess numeric;
begin
    select sum(d.remaining) - greatest(b.balance, 0) into v_excess
    from credits.dated_credits d
    join credits.balances b on b.user_id = d.user_id
    where d.user_id = p_user_id and d.remaining > 0
    group by b.balance;
    if v_excess > 0 is not true then
        return;
    end if;
    for v_dated in
        select * from credits.dated_credits
        where user_id = p_user_id and remaining > 0
        order by expires_at, id
    loop
        exit when v_excess <= 0;
        insert into credits.dated_movements (user_id, id, dated_id, cause_id, amount, created_at)
        values (
            p_user_id, credits._new_id(), v_dated.id, v_dated.id, -least(v_excess, v_dated.remaining), p_at
        );
        v_excess := v_excess - v_dated.remaining;
    end loop;
end
$$;

comment on function credits._repay_from_dated(text, timestamptz) is
    'A debt is repaid first: takes from dated credits that have come in, or back, at p_at what is more than the balance has, soonest to expire first. '
    'The movement''s cause is the dated credits themselves, so that no refund ever restores it';
