-- Never changed, whatever becomes of the rules, but for an erasure: a pseudonym takes the place of a person.
create trigger protect_ledger before update on credits.rule_history for each row when (not case old.table_name
    when 'guild_spending_limits' then to_jsonb(old) - 'subject_id' = to_jsonb(new) - 'subject_id'
        and credits._is_erasure(old.account_id, old.subject_id, new.subject_id)
    when 'spending_limits' then to_jsonb(old) - 'account_id' = to_jsonb(new) - 'account_id'
        and credits._is_erasure(old.account_id, old.account_id, new.account_id)
    else false
end) execute function credits._protect_ledger();
create trigger protect_from_removal before delete or truncate on credits.rule_history
for each statement execute function credits._protect_ledger();
alter table credits.rule_history enable always trigger protect_ledger;
alter table credits.rule_history enable always trigger protect_from_removal;
