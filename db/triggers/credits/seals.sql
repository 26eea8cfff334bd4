-- Seals are never changed; but for an erasure, which takes them along.
create trigger protect_ledger before update or delete on credits.seals for each row execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger;
create trigger protect_ledger_from_delete before delete on credits.seals for each row execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger_from_delete;
create trigger protect_ledger_from_truncate before truncate on credits.seals for each statement execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger_from_truncate;
