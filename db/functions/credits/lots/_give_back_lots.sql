create or replace function credits._give_back_lots(
    p_user_id text, p_cause_id uuid, p_left numeric, p_amount numeric, p_at timestamptz
) returns void
language plpgsql
as $$
declare
    v_of_lots numeric;
    v_lot record;
    v_left numeric;
begin
    select coalesce(-sum(m.amount), 0) into v_of_lots
    from credits.lot_movements m
    where m.account_id = p_user_id and m.cause_id = p_cause_id;
    if v_of_lots = 0 then
        return;
    end if;
    -- In the reverse order of taking: first what was undated, then what ends last.
    v_left := p_amount - (p_left - v_of_lots);
    for v_lot in
        select m.lot_id, -sum(m.amount) as taken
        from credits.lot_movements m
        join credits.lots l on l.account_id = p_user_id and l.id = m.lot_id
        where m.account_id = p_user_id and m.cause_id = p_cause_id
        group by m.lot_id, l.expires_at
        having sum(m.amount) < 0
        order by l.expires_at desc, m.lot_id desc
    loop
        exit when v_left <= 0;
        perform credits._move_lot(p_user_id, v_lot.lot_id, p_cause_id, least(v_left, v_lot.taken), p_at);
        v_left := v_left - v_lot.taken;
    end loop;
    perform credits._repay_from_lots(p_user_id, p_at);
end
$$;

comment on function credits._give_back_lots is
'Gives back to lots what p_cause_id took of them. At p_at p_amount of the p_left that it still has is returned, and is
in the balance. What a debt needs of it is gone at once; what ended meanwhile is for _settle to take away again';
