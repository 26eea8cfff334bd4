-- Only the two writers insert. Restoring a dump and replication do not pass here.
create trigger refuse_other_writers before insert on credits.entries for each statement execute function credits._refuse_other_writers();
-- Ledgers are never changed, but for an erasure: a pseudonym takes the place of a person, and what they wrote is emptied.
create trigger protect_ledger before update on credits.entries for each row when (
    (old.kind, old.sequence, old.id, old.created_at, old.due_after, old.ends_at, old.number, old.type, old.reversal,
        old.spending_day, old.running_day, old.amount, old.available, old.reserved, old.debt, old.clawed_back, old.total_spent,
        old.spent_that_day, old.spent_that_month, old.lot_id, old.lot_taken, old.lot_left, old.app_id, old.called_by)
        is distinct from
        (new.kind, new.sequence, new.id, new.created_at, new.due_after, new.ends_at, new.number, new.type, new.reversal,
        new.spending_day, new.running_day, new.amount, new.available, new.reserved, new.debt, new.clawed_back, new.total_spent,
        new.spent_that_day, new.spent_that_month, new.lot_id, new.lot_taken, new.lot_left, new.app_id, new.called_by)
    or case
        when old.kind = 'person' then
            old.other_id is distinct from new.other_id or not credits._is_erasure(old.account_id, new.account_id)
        else old.account_id <> new.account_id or not credits._is_erasure(old.other_id, new.other_id)
    end
    or new.description not in ('', old.description)
    or (new.metadata <> '{}' and new.metadata <> old.metadata)
    or (new.idempotency_key is not null and new.idempotency_key is distinct from old.idempotency_key)
    or (new.request_id is not null and new.request_id is distinct from old.request_id)
    or (old.reference_id is distinct from new.reference_id and (new.reference_id is not null or old.type <> 'grant'))
) execute function credits._protect_ledger();
alter table credits.entries enable always trigger protect_ledger;
create trigger protect_ledger_from_delete before delete on credits.entries for each row execute function credits._protect_ledger();
alter table credits.entries enable always trigger protect_ledger_from_delete;
create trigger protect_ledger_from_truncate before truncate on credits.entries for each statement execute function credits._protect_ledger();
alter table credits.entries enable always trigger protect_ledger_from_truncate;
