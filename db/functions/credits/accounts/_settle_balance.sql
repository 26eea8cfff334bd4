create or replace function credits._settle_balance(p_user_id text) returns credits.balances
language plpgsql
as $$
declare
    v_hold credits.reservations;
    v_balance credits.balances;
    v_now timestamptz;
begin
    for v_hold in
        select *
        from credits.reservations
        where account_id = p_user_id
            and organization_id is null
            and status = 'held'
            and expires_at <= credits._now()
        -- As they would have ended one after the other: what comes back first repays a debt.
        order by expires_at, id
    loop
        v_now := credits._now();
        update credits.reservations
        set status = 'expired', ended_at = v_now
        where account_id = p_user_id and id = v_hold.id
        returning * into v_hold;
        perform credits._emit_expiry(v_hold);
        perform credits._give_back_dated(p_user_id, v_hold.id, v_hold.amount, 0, v_hold.amount, v_hold.ended_at);
    end loop;
    perform credits._expire_dated(p_user_id);
    select * into v_balance from credits.balances where user_id = p_user_id;
    return v_balance;
end
$$;

comment on function credits._settle_balance(text) is
    'Brings a balance, which the caller has locked, up to this moment: frees holds past their time and lets expired credits go. Returns it';
