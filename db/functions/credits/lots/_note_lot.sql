create or replace function credits._note_lot(p_user_id text, p_lot_id uuid, p_left numeric) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    update credits.lots set remaining = p_left where account_id = p_user_id and id = p_lot_id
$$;

comment on function credits._note_lot(text, uuid, numeric) is
    'Writes what entries have left of the lot in front into the table of lots, before that is gone through';
