create or replace function credits._front_lot(p_user_id text, p_lot_id uuid, p_lot_left numeric, p_amount numeric)
returns credits.lot_share
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lot credits.lot_share;
begin
    if p_lot_id is not null then
        v_lot := row(p_lot_id, p_amount, p_lot_left - p_amount);
    else
        select l.id, p_amount, l.remaining - p_amount into v_lot
        from credits.lots l
        where l.account_id = p_user_id and l.remaining > 0
        order by l.expires_at, l.id
        limit 1;
    end if;
    if v_lot.remaining > 0 then
        return v_lot;
    end if;
    return null;
end
$$;

comment on function credits._front_lot(text, uuid, numeric, numeric) is
    'What a plain debit of p_amount takes of the lot that ends first, if something is left of that: all null else, and then the table of lots has to be gone through. '
    'p_lot_id and p_lot_left are what the last entry says of it';
