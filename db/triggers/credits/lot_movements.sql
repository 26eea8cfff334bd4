-- Ledgers are never changed.
create trigger protect_ledger before update or delete on credits.lot_movements for each row execute function credits._protect_ledger();
alter table credits.lot_movements enable always trigger protect_ledger;
create trigger protect_ledger_from_truncate before truncate on credits.lot_movements for each statement execute function credits._protect_ledger();
alter table credits.lot_movements enable always trigger protect_ledger_from_truncate;
