-- Never changed, but for an erasure: a pseudonym takes the place of a person.
create trigger protect_ledger before update on credits.lot_movements for each row when (
    (old.id, old.lot_id, old.cause_id, old.amount, old.created_at)
        is distinct from
        (new.id, new.lot_id, new.cause_id, new.amount, new.created_at)
    or not credits._is_erasure(old.account_id, old.account_id, new.account_id)
) execute function credits._protect_ledger();
alter table credits.lot_movements enable always trigger protect_ledger;
create trigger protect_ledger_from_delete before delete on credits.lot_movements for each row execute function credits._protect_ledger();
alter table credits.lot_movements enable always trigger protect_ledger_from_delete;
create trigger protect_ledger_from_truncate before truncate on credits.lot_movements for each statement execute function credits._protect_ledger();
alter table credits.lot_movements enable always trigger protect_ledger_from_truncate;
