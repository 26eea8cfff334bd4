-- What was bought, and by whom, never changes but for an erasure; nor by which payment, once that is known, and what
-- completed it. A completed purchase has its entry.
create trigger protect_ledger before update on credits.purchases for each row when (
    (old.id, old.package_id, old.credits, old.price_euro_cents, old.currency, old.created_at)
        is distinct from (new.id, new.package_id, new.credits, new.price_euro_cents, new.currency, new.created_at)
    or (old.status = 'completed' and (old.status, old.transaction_id, old.completed_at)
        is distinct from (new.status, new.transaction_id, new.completed_at))
    or (old.stripe_payment_intent_id <> new.stripe_payment_intent_id) is not false
        and old.stripe_payment_intent_id is not null
    or (old.user_id <> new.user_id and not credits._is_erasure(old.user_id, old.user_id, new.user_id))
) execute function credits._protect_ledger();
create trigger check_purchase after insert or update on credits.purchases
for each row when (new.status = 'completed') execute function credits._check_purchase();
create trigger protect_from_removal before delete or truncate on credits.purchases
for each statement execute function credits._protect_ledger();
alter table credits.purchases enable always trigger protect_ledger;
alter table credits.purchases enable always trigger check_purchase;
alter table credits.purchases enable always trigger protect_from_removal;
