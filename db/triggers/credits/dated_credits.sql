-- The account follows its rows, whoever writes them.
create trigger fold_dated_credits after insert on credits.dated_credits for each row execute function credits._fold_dated_credits();

-- The one exception: an erasure, which is of a person as a whole.
create constraint trigger check_erasure after update of user_id on credits.dated_credits
    deferrable initially deferred for each row execute function credits._check_renamed_dated();

-- What follows a ledger is never written directly. A trigger that folds writes at depth 1.
create trigger protect_amounts before update on credits.dated_credits
    for each row when (pg_trigger_depth() = 0) execute function credits._protect_balances();
create trigger protect_from_delete before delete on credits.dated_credits for each row execute function credits._protect_balances();
create trigger protect_from_truncate before truncate on credits.dated_credits for each statement execute function credits._protect_balances();
