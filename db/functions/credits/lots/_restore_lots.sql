create or replace function credits._restore_lots(p_debit credits.entries, p_given_before numeric, p_back credits.entries) returns void
language plpgsql
as $$
begin
    if p_debit.due_after is null then
        return;
    end if;
    if p_debit.lot_id is not null then
        -- What the entry itself took of the lot in front, noted once: so it is given back like everything else.
        insert into credits.lot_movements (account_id, id, lot_id, cause_id, amount, created_at)
        values (p_debit.account_id, p_debit.id, p_debit.lot_id, p_debit.id, -p_debit.lot_taken, p_debit.created_at)
        on conflict do nothing;
    end if;
    perform credits._give_back_lots(p_debit.account_id, p_debit.id, -p_debit.amount - p_given_before, p_back.amount, p_back.created_at);
    perform credits._settle(p_debit.account_id, 'person');
end
$$;

comment on function credits._restore_lots is
'After p_back has given a part of a debit back: restores the lots that the debit took of, then lets go what ended
meanwhile';
