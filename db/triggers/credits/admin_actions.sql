-- Never changed, but for an erasure: a pseudonym takes the place of a person, and what was written of them is emptied.
create trigger protect_ledger before update on credits.admin_actions for each row when (
    (old.sequence, old.id, old.action, old.subject_id, old.asked, old.amount, old.entry_id, old.balance, old.before, old.after, old.called_by,
        old.created_at, old.words_hash, old.hash)
        is distinct from
        (new.sequence, new.id, new.action, new.subject_id, new.asked, new.amount, new.entry_id, new.balance, new.before, new.after,
        new.called_by, new.created_at, new.words_hash, new.hash)
    or not (
        old.account_id = new.account_id and credits._is_erasure(old.account_id, old.admin_id, new.admin_id)
            and (old.reason, old.idempotency_key, old.request_id) is not distinct from (new.reason, new.idempotency_key, new.request_id)
        or old.admin_id = new.admin_id and credits._is_erasure(old.account_id, old.account_id, new.account_id)
            and (new.reason, new.idempotency_key, new.request_id) is not distinct from ('', null, null)
    )
) execute function credits._protect_ledger();
alter table credits.admin_actions enable always trigger protect_ledger;
create trigger protect_ledger_from_delete before delete on credits.admin_actions for each row execute function credits._protect_ledger();
alter table credits.admin_actions enable always trigger protect_ledger_from_delete;
create trigger protect_ledger_from_truncate before truncate on credits.admin_actions for each statement execute function credits._protect_ledger();
alter table credits.admin_actions enable always trigger protect_ledger_from_truncate;
