create or replace function credits._pass_lots(
    p_user_id text, p_from_id uuid, p_to_id uuid, p_amount numeric, p_at timestamptz
) returns void
language plpgsql
as $$
declare
    v_lot record;
    v_left numeric := p_amount;
begin
    for v_lot in
        select t.lot_id, t.taken
        from (
            -- Sums first: a hold that is captured often has many movements of few lots.
            select m.lot_id, -sum(m.amount) as taken
            from credits.lot_movements m
            where m.account_id = p_user_id and m.cause_id = p_from_id
            group by m.lot_id
        ) t
        join credits.lots l on l.account_id = p_user_id and l.id = t.lot_id
        where t.taken > 0
        order by l.expires_at, t.lot_id
    loop
        exit when v_left <= 0;
        insert into credits.lot_movements (account_id, id, lot_id, cause_id, amount, created_at)
        values
        (p_user_id, credits._new_id(), v_lot.lot_id, p_from_id, least(v_left, v_lot.taken), p_at),
        (p_user_id, credits._new_id(), v_lot.lot_id, p_to_id, -least(v_left, v_lot.taken), p_at);
        v_left := v_left - v_lot.taken;
    end loop;
end
$$;

comment on function credits._pass_lots is
'Passes what a hold took of lots, soonest to end first, on to the usage that p_amount of it becomes. The lots stay as
they are';
