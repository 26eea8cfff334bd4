-- What follows a ledger is never written directly.
create trigger protect_amounts before update of organization_id, balance, total_funded, total_spent, reserved, version, last_transaction_id,
        reservations_count, created_at, updated_at on credits.guild_pools
    for each statement execute function credits._protect_amounts();
create trigger protect_from_invention before insert on credits.guild_pools
    for each row when (new.version <> 0 or new.balance <> 0 or new.reserved <> 0 or new.total_funded <> 0 or new.reservations_count <> 0 or
        new.last_transaction_id is not null)
    execute function credits._protect_balances();
create trigger protect_from_delete before delete on credits.guild_pools for each row execute function credits._protect_balances();
create trigger protect_from_truncate before truncate on credits.guild_pools for each statement execute function credits._protect_balances();
