-- Never changed, but for an erasure. A pseudonym takes the place of who acted, or of the person. In the person's acts
-- what was written of them is emptied.
create trigger protect_ledger before update on credits.admin_actions for each row when (not (
    to_jsonb(new) = to_jsonb(old) || jsonb_build_object('admin_id', new.admin_id)
        and credits._is_erasure(old.account_id, old.admin_id, new.admin_id)
    or to_jsonb(new) = to_jsonb(old) || jsonb_build_object(
            'account_id', new.account_id, 'reason', '', 'idempotency_key', null, 'request_id', null
        )
        and credits._is_erasure(old.account_id, old.account_id, new.account_id)
)) execute function credits._protect_ledger();
create trigger protect_from_removal before delete or truncate on credits.admin_actions
for each statement execute function credits._protect_ledger();
alter table credits.admin_actions enable always trigger protect_ledger;
alter table credits.admin_actions enable always trigger protect_from_removal;
