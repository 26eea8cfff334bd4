-- The chain is proved at every insert, whoever inserts.
create trigger prove_entry before insert on credits.entries for each row execute function credits._prove_entry();
-- Ledgers are never changed.
create trigger protect_ledger before update or delete on credits.entries for each row execute function credits._protect_ledger();
alter table credits.entries enable always trigger protect_ledger;
create trigger protect_ledger_from_truncate before truncate on credits.entries for each statement execute function credits._protect_ledger();
alter table credits.entries enable always trigger protect_ledger_from_truncate;
