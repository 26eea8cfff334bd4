-- An erasure lasts no longer than its transaction, and is of a person as a whole.
create trigger check_erasure before update or delete on credits.erasures
for each row execute function credits._check_erasure();
create constraint trigger end_erasure after insert on credits.erasures
deferrable initially deferred for each row execute function credits._check_erasure();
create trigger protect_from_truncate before truncate on credits.erasures
for each statement execute function credits._protect_ledger();
alter table credits.erasures enable always trigger check_erasure;
alter table credits.erasures enable always trigger end_erasure;
alter table credits.erasures enable always trigger protect_from_truncate;
