-- What was bought never changes, and a completed purchase has its ledger row.
create trigger protect_purchases before update on credits.purchases
    for each row when ((old.id, old.package_id, old.credits, old.price_euro_cents, old.currency) is distinct from (new.id, new.package_id,
        new.credits, new.price_euro_cents, new.currency) or (old.status = 'completed' and (old.status, old.transaction_id) is distinct from
        (new.status, new.transaction_id)))
    execute function credits._protect_purchases();
create trigger check_purchase after insert or update on credits.purchases
    for each row when (new.status = 'completed') execute function credits._check_purchase();
create trigger protect_purchases_from_delete before delete on credits.purchases for each row execute function credits._protect_purchases();
create trigger protect_purchases_from_truncate before truncate on credits.purchases for each statement execute function credits._protect_purchases();
