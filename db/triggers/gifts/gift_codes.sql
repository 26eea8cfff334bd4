-- What is claimed follows the redemptions, the terms never change, and what was charged and refunded has its ledger rows.
create trigger protect_terms before update on gifts.gift_codes
    for each row when (old.status not in ('active', new.status) or (old.code, old.id, old.total_credits, old.credits_per_portion,
        old.total_portions, old.reservation_transaction_id) is distinct from (new.code, new.id, new.total_credits, new.credits_per_portion,
        new.total_portions, new.reservation_transaction_id))
    execute function gifts._protect_terms();
create trigger check_new_gift after insert on gifts.gift_codes for each row execute function gifts._check_gift();
create trigger check_changed_gift after update on gifts.gift_codes
    for each row when ((old.id, old.creator_id, old.total_credits, old.refunded_credits, old.reservation_transaction_id, old.refund_transaction_id)
        is distinct from (new.id, new.creator_id, new.total_credits, new.refunded_credits, new.reservation_transaction_id,
        new.refund_transaction_id))
    execute function gifts._check_gift();
create trigger protect_from_delete before delete on gifts.gift_codes for each row execute function credits._protect_ledger();
create trigger protect_from_truncate before truncate on gifts.gift_codes for each statement execute function credits._protect_ledger();
