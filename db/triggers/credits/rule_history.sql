-- Never changed, whatever becomes of the rules.
create trigger protect_ledger before update or delete on credits.rule_history for each row execute function credits._protect_ledger();
alter table credits.rule_history enable always trigger protect_ledger;
create trigger protect_ledger_from_truncate before truncate on credits.rule_history for each statement execute function credits._protect_ledger();
alter table credits.rule_history enable always trigger protect_ledger_from_truncate;
