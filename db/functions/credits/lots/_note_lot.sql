create or replace function credits._note_lot(p_user_id text, p_lot_id uuid, p_left numeric) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Lower is what has happened since the entry, in this very call: the end of the lot.
    update credits.lots set remaining = p_left where account_id = p_user_id and id = p_lot_id and remaining > p_left;
end
$$;

comment on function credits._note_lot is
    'Writes what entries have left of the lot in front into the table of lots, before that is gone through';
