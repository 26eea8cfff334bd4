-- Seals are never changed.
create trigger protect_ledger before update or delete on credits.seals for each row execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger;
create trigger protect_ledger_from_truncate before truncate on credits.seals for each statement execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger_from_truncate;

-- The one exception: an erasure, which is of a person as a whole.
create constraint trigger check_erasure after update of user_id on credits.seals
    deferrable initially deferred for each row execute function credits._check_renamed_seal();
