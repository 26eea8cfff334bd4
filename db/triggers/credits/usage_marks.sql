-- What follows a ledger is never written directly. A trigger that folds writes at depth 1.
create trigger protect_amounts before insert or update or delete on credits.usage_marks
    for each row when (pg_trigger_depth() = 0 and current_setting('credits.posting', true) is distinct from 'direct')
    execute function credits._protect_balances();
create trigger protect_from_truncate before truncate on credits.usage_marks for each statement execute function credits._protect_balances();
