-- The account follows its rows, whoever writes them.
create trigger fold_dated_movement after insert on credits.dated_movements for each row execute function credits._fold_dated_movement();

-- Ledgers are never changed.
create trigger protect_ledger before update or delete on credits.dated_movements for each row execute function credits._protect_ledger();
alter table credits.dated_movements enable always trigger protect_ledger;
create trigger protect_ledger_from_truncate before truncate on credits.dated_movements for each statement execute function credits._protect_ledger();
alter table credits.dated_movements enable always trigger protect_ledger_from_truncate;

-- The one exception: an erasure, which is of a person as a whole.
create trigger check_erasure after update on credits.dated_movements
    referencing old table as old_rows new table as new_rows for each statement execute function credits._check_dated_erasure();
