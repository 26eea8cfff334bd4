-- Never changed, but for an erasure: a pseudonym takes the place of a person.
create trigger protect_ledger before update on credits.seals for each row when (
    (old.id, old.sequence, old.hash, old.created_at)
        is distinct from
        (new.id, new.sequence, new.hash, new.created_at)
    or not credits._is_erasure(old.user_id, new.user_id)
) execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger;
create trigger protect_ledger_from_delete before delete on credits.seals for each row execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger_from_delete;
create trigger protect_ledger_from_truncate before truncate on credits.seals for each statement execute function credits._protect_ledger();
alter table credits.seals enable always trigger protect_ledger_from_truncate;
