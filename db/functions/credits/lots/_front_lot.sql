create or replace function credits._front_lot(p_user_id text, p_amount numeric) returns credits.lot_share
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lot credits.lot_share;
begin
    select l.id, p_amount, l.remaining - p_amount into v_lot
    from credits.lots l
    where l.account_id = p_user_id and l.remaining > 0
    order by l.expires_at, l.id
    limit 1;
    return v_lot;
end
$$;

comment on function credits._front_lot is
'The share of p_amount, a plain debit, that the lot in front covers, where the last entry does not name that lot. All
null where there is none. If nothing would be left of it, the debit goes through the table of lots instead';
