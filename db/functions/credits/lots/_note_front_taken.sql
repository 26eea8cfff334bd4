create or replace function credits._note_front_taken(p_debit credits.entries) returns void
language sql
as $$
    insert into credits.lot_movements (account_id, id, lot_id, cause_id, amount, created_at)
    values (p_debit.account_id, p_debit.id, p_debit.lot_id, p_debit.id, -p_debit.lot_taken, p_debit.created_at)
    on conflict do nothing
$$;

comment on function credits._note_front_taken(credits.entries) is
    'Notes among the movements of lots what an entry says that it took of the lot in front, once, so that it can be given back like everything else';
