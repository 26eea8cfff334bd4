create or replace function credits._move_lot(
    p_user_id text, p_lot_id uuid, p_cause_id uuid, p_amount numeric, p_at timestamptz
) returns void
language plpgsql
as $$
begin
    insert into credits.lot_movements (account_id, id, lot_id, cause_id, amount, created_at)
    values (p_user_id, credits._new_id(), p_lot_id, p_cause_id, p_amount, p_at);
    update credits.lots set remaining = remaining + p_amount where account_id = p_user_id and id = p_lot_id;
end
$$;

comment on function credits._move_lot is 'Takes of a lot (negative) or gives back to it, and notes in whose name';
