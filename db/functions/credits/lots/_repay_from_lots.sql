create or replace function credits._repay_from_lots(p_user_id text, p_at timestamptz) returns void
language plpgsql
as $$
declare
    v_lot credits.lots;
    v_excess numeric;
begin
    select coalesce(sum(l.remaining), 0) into v_excess
    from credits.lots l
    where l.account_id = p_user_id and l.remaining > 0;
    v_excess := v_excess - (credits._last_entry(p_user_id, 'person')).available;
    for v_lot in
        select * from credits.lots l where l.account_id = p_user_id and l.remaining > 0 order by l.expires_at, l.id
    loop
        exit when v_excess <= 0;
        perform credits._move_lot(p_user_id, v_lot.id, v_lot.id, -least(v_excess, v_lot.remaining), p_at);
        v_excess := v_excess - v_lot.remaining;
    end loop;
end
$$;

comment on function credits._repay_from_lots(text, timestamptz) is
    'A debt is repaid first: takes from lots that have come in, or back, at p_at what is more than the balance has, soonest to end first. '
    'The movement''s cause is the lot itself, so that no refund ever restores it';
