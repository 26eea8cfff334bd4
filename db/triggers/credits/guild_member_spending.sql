-- The one exception: an erasure, which is of a person as a whole.
create constraint trigger check_erasure after update of user_id on credits.guild_member_spending
    deferrable initially deferred for each row execute function credits._check_renamed_counter();

-- What follows a ledger is never written directly.
create trigger protect_amounts before insert or delete or update of organization_id, day, spent, reserved on credits.guild_member_spending
    for each statement execute function credits._protect_amounts();
create trigger protect_identity before update of user_id on credits.guild_member_spending for each row execute function credits._protect_balances();
create trigger protect_from_truncate before truncate on credits.guild_member_spending for each statement execute function credits._protect_balances();
