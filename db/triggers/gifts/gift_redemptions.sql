-- Never changed, but for an erasure: a pseudonym takes the place of a person.
create trigger protect_ledger before update on gifts.gift_redemptions for each row when (
    (old.code, old.id, old.gift_code_id, old.status, old.credits_received, old.portion_number, old.credit_transaction_id,
        old.source_app_id, old.brought, old.created_at)
        is distinct from
        (new.code, new.id, new.gift_code_id, new.status, new.credits_received, new.portion_number, new.credit_transaction_id,
        new.source_app_id, new.brought, new.created_at)
    or not credits._is_erasure(old.code, old.redeemer_user_id, new.redeemer_user_id)
) execute function credits._protect_ledger();
alter table gifts.gift_redemptions enable always trigger protect_ledger;
create trigger protect_ledger_from_delete before delete on gifts.gift_redemptions for each row execute function credits._protect_ledger();
alter table gifts.gift_redemptions enable always trigger protect_ledger_from_delete;
create trigger protect_ledger_from_truncate before truncate on gifts.gift_redemptions for each statement execute function credits._protect_ledger();
alter table gifts.gift_redemptions enable always trigger protect_ledger_from_truncate;
