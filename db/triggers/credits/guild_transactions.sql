-- The balance follows its ledger, whoever writes it. Only functions that move both at once, and set credits.posting to say so,
-- give whole rows that are taken as they are.
create trigger apply_guild_transaction before insert on credits.guild_transactions
    for each row when (new.sequence is null or current_setting('credits.posting', true) is distinct from 'direct')
    execute function credits._apply_guild_transaction();

-- Ledgers are never changed.
create trigger protect_ledger before update or delete on credits.guild_transactions for each row execute function credits._protect_ledger();
alter table credits.guild_transactions enable always trigger protect_ledger;
create trigger protect_ledger_from_truncate before truncate on credits.guild_transactions
    for each statement execute function credits._protect_ledger();
alter table credits.guild_transactions enable always trigger protect_ledger_from_truncate;

-- The one exception: an erasure, which is of a person as a whole.
create trigger check_erasure after update on credits.guild_transactions
    referencing old table as old_rows new table as new_rows for each statement execute function credits._check_guild_erasure();

-- What moves between accounts has two sides, at the latest when the transaction ends.
create constraint trigger check_guild_counterpart after insert on credits.guild_transactions
    deferrable initially deferred for each row when (new.reference_id is not null)
    execute function credits._check_guild_counterpart();
