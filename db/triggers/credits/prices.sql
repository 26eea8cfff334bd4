-- A price never changes once it is there, and none begins in the past: what was shown is what was charged.
create trigger refuse_past before insert on credits.prices for each row execute function credits._refuse_past_price();
create constraint trigger refuse_late_commit after insert on credits.prices
deferrable initially deferred for each row execute function credits._refuse_late_price();
create trigger protect_ledger before update or delete or truncate on credits.prices
for each statement execute function credits._protect_ledger();
alter table credits.prices enable always trigger refuse_past;
alter table credits.prices enable always trigger refuse_late_commit;
alter table credits.prices enable always trigger protect_ledger;
