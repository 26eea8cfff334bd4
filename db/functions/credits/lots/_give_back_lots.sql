create or replace function credits._give_back_lots(
    p_user_id text, p_cause_id uuid, p_left numeric, p_amount numeric, p_at timestamptz
) returns void
language plpgsql
as $$
declare
    v_lot record;
    v_left numeric;
begin
    for v_lot in
        select t.lot_id, t.taken, sum(t.taken) over () as of_lots
        from (
            select m.lot_id, -sum(m.amount) as taken
            from credits.lot_movements m
            where m.account_id = p_user_id and m.cause_id = p_cause_id
            group by m.lot_id
        ) t
        join credits.lots l on l.account_id = p_user_id and l.id = t.lot_id
        where t.taken > 0
        order by l.expires_at desc, t.lot_id desc
    loop
        -- In the reverse order of taking: first what was undated, then what ends last.
        v_left := coalesce(v_left, p_amount - (p_left - v_lot.of_lots));
        exit when v_left <= 0;
        perform credits._move_lot(p_user_id, v_lot.lot_id, p_cause_id, least(v_left, v_lot.taken), p_at);
        v_left := v_left - v_lot.taken;
    end loop;
    if found then
        perform credits._repay_from_lots(p_user_id, p_at);
    end if;
end
$$;

comment on function credits._give_back_lots is
'Gives back to lots what p_cause_id took of them. At p_at p_amount of the p_left that it still has is returned, and is
in the balance. What a debt needs of it is gone at once; what ended meanwhile is for _settle to take away again';
