-- Only the two writers insert. Restoring a dump and replication do not pass here.
create trigger refuse_other_writers before insert on credits.entries
for each statement execute function credits._refuse_other_writers();
-- Ledgers are never changed, but for an erasure.
create trigger protect_ledger before update or delete on credits.entries
for each row execute function credits._protect_entries();
create trigger protect_from_truncate before truncate on credits.entries
for each statement execute function credits._protect_ledger();
alter table credits.entries enable always trigger protect_ledger;
alter table credits.entries enable always trigger protect_from_truncate;
