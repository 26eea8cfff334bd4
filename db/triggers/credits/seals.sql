-- Never changed, but for an erasure: a pseudonym takes the place of a person.
create trigger protect_ledger before update on credits.seals for each row when (
    (old.kind, old.sequence, old.hash, old.created_at)
        is distinct from
        (new.kind, new.sequence, new.hash, new.created_at)
    or old.kind <> 'person'
    or not credits._is_erasure(old.account_id, old.account_id, new.account_id)
) execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger;
create trigger protect_ledger_from_delete before delete on credits.seals for each row execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger_from_delete;
create trigger protect_ledger_from_truncate before truncate on credits.seals for each statement execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger_from_truncate;
