-- Never changed, but for an erasure: a pseudonym takes the place of a person.
create trigger protect_ledger before update on credits.lot_movements for each row when (
    to_jsonb(old) - 'account_id' <> to_jsonb(new) - 'account_id'
    or not credits._is_erasure(old.account_id, old.account_id, new.account_id)
) execute function credits._protect_ledger();
create trigger protect_from_removal before delete or truncate on credits.lot_movements
for each statement execute function credits._protect_ledger();
alter table credits.lot_movements enable always trigger protect_ledger;
alter table credits.lot_movements enable always trigger protect_from_removal;
