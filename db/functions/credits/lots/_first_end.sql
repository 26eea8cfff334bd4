create or replace function credits._first_end(p_debit credits.entries) returns timestamptz
language plpgsql
as $$
begin
    if p_debit.due_after is null or p_debit.kind = 'pool' then
        return null;
    end if;
    if p_debit.lot_id is not null then
        -- What the entry itself took of the lot in front, noted once: so it is given back like everything else.
        insert into credits.lot_movements (account_id, id, lot_id, cause_id, amount, created_at)
        values (p_debit.account_id, p_debit.id, p_debit.lot_id, p_debit.id, -p_debit.lot_taken, p_debit.created_at)
        on conflict do nothing;
    end if;
    return credits._first_end_of(p_debit.account_id, p_debit.id);
end
$$;

comment on function credits._first_end is
'A moment before which nothing that a debit took of lots ends, for an entry that gives it back; null where it took
none. Notes what only the debit says of that. Comes before _restore_lots';
