-- The terms and the end of a hold are never changed, but by captures and an erasure, in which a pseudonym takes the
-- place of a person. When it ends is said by its entries too.
create trigger protect_ledger before update on credits.reservations for each row when (
    (old.kind, old.id, old.amount + old.captured, old.app_id, old.called_by, old.created_at, old.sequence)
        is distinct from
        (new.kind, new.id, new.amount + new.captured, new.app_id, new.called_by, new.created_at, new.sequence)
    or new.captured < old.captured
    or (old.account_id <> new.account_id and not credits._is_erasure(old.account_id, old.account_id, new.account_id))
    or (old.user_id <> new.user_id and not credits._is_erasure(old.account_id, old.user_id, new.user_id))
    or new.reason not in ('', old.reason)
    or (old.spending_day <> new.spending_day and not (old.status = 'expired' and new.status = 'held'))
    or (old.status in ('released', 'committed') and (
        old.status, old.captured, old.committed_amount, old.committed_late, old.uncollected, old.transaction_id,
        old.expires_at, old.ended_at
    ) is distinct from (
        new.status, new.captured, new.committed_amount, new.committed_late, new.uncollected, new.transaction_id,
        new.expires_at, new.ended_at
    ))
) execute function credits._protect_ledger();
create trigger protect_from_removal before delete or truncate on credits.reservations
for each statement execute function credits._protect_ledger();
alter table credits.reservations enable always trigger protect_ledger;
alter table credits.reservations enable always trigger protect_from_removal;
