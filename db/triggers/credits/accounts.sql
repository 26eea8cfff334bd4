-- The row of an account is its lock, and where its balance is looked for. It never leaves, and changes its name only by
-- an erasure.
create trigger protect_ledger before update of account_id, kind on credits.accounts for each row when (
    old.kind <> new.kind
    or (old.account_id <> new.account_id and not credits._is_erasure(old.account_id, old.account_id, new.account_id))
) execute function credits._protect_ledger();
create trigger protect_from_removal before delete or truncate on credits.accounts
for each statement execute function credits._protect_ledger();
alter table credits.accounts enable always trigger protect_ledger;
alter table credits.accounts enable always trigger protect_from_removal;
