-- What was granted until when is never changed, and whose it is only by an erasure. What is left is said by entries and
-- movements too.
create trigger protect_ledger before update on credits.lots for each row when (
    (old.id, old.granted, old.expires_at, old.created_at)
        is distinct from (new.id, new.granted, new.expires_at, new.created_at)
    or (old.account_id <> new.account_id and not credits._is_erasure(old.account_id, old.account_id, new.account_id))
) execute function credits._protect_ledger();
create trigger protect_from_removal before delete or truncate on credits.lots
for each statement execute function credits._protect_ledger();
alter table credits.lots enable always trigger protect_ledger;
alter table credits.lots enable always trigger protect_from_removal;
