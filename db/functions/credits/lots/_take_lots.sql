create or replace function credits._take_lots(p_user_id text, p_cause_id uuid, p_amount numeric, p_at timestamptz) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lot credits.lots;
    v_left numeric := p_amount;
begin
    for v_lot in
        select * from credits.lots l where l.account_id = p_user_id and l.remaining > 0 order by l.expires_at, l.id
    loop
        exit when v_left <= 0;
        perform credits._move_lot(p_user_id, v_lot.id, coalesce(p_cause_id, v_lot.id), -least(v_left, v_lot.remaining), p_at);
        v_left := v_left - v_lot.remaining;
    end loop;
end
$$;

comment on function credits._take_lots is
'Takes p_amount of an account''s lots, soonest to end first, in the name of p_cause_id; what they do not cover is
undated. Without a cause it is in the name of the lot itself, so that no refund ever restores it';
