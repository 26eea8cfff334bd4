-- Never changed, whatever becomes of the rules, but for an erasure: a pseudonym takes the place of a person.
create trigger protect_ledger before update on credits.rule_history for each row when (
    (old.id, old.table_name, old.before, old.after, old.called_by, old.created_at)
        is distinct from
        (new.id, new.table_name, new.before, new.after, new.called_by, new.created_at)
    or not case old.table_name
        when 'guild_spending_limits' then old.account_id = new.account_id and credits._is_erasure(old.account_id, old.subject_id, new.subject_id)
        when 'spending_limits' then old.subject_id = new.subject_id and credits._is_erasure(old.account_id, old.account_id, new.account_id)
        else false
    end
) execute function credits._protect_ledger();
alter table credits.rule_history enable always trigger protect_ledger;
create trigger protect_ledger_from_delete before delete on credits.rule_history for each row execute function credits._protect_ledger();
alter table credits.rule_history enable always trigger protect_ledger_from_delete;
create trigger protect_ledger_from_truncate before truncate on credits.rule_history for each statement execute function credits._protect_ledger();
alter table credits.rule_history enable always trigger protect_ledger_from_truncate;
