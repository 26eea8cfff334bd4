-- The one exception: an erasure, which is of a person as a whole.
create constraint trigger check_erasure after update of user_id on credits.balances
    deferrable initially deferred for each row execute function credits._check_renamed_balance();

-- What follows a ledger is never written directly.
create trigger protect_amounts before update of balance, total_earned, total_spent, reserved, clawed_back, version, last_transaction_id,
        reservations_count, next_expiry, created_at, updated_at on credits.balances
    for each statement execute function credits._protect_amounts();
create trigger protect_from_invention before insert on credits.balances
    for each row when (new.version <> 0 or new.balance <> 0 or new.reserved <> 0 or new.total_earned <> 0 or new.clawed_back <> 0 or
        new.reservations_count <> 0 or new.next_expiry is not null or new.last_transaction_id is not null)
    execute function credits._protect_balances();
create trigger protect_from_delete before delete on credits.balances for each row execute function credits._protect_balances();
create trigger protect_from_truncate before truncate on credits.balances for each statement execute function credits._protect_balances();
