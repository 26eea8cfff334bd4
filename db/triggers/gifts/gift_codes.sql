-- The terms never change, and what is claimed only grows. That the creator and the redeemers have their entries is
-- another account's matter: the functions see to both sides, the reconciliation proves it.
create trigger protect_terms before update on gifts.gift_codes for each row when (
    (
        old.code, old.id, old.total_credits, old.credits_per_portion, old.total_portions, old.claimed_before,
        old.reservation_transaction_id
    ) is distinct from (
        new.code, new.id, new.total_credits, new.credits_per_portion, new.total_portions, new.claimed_before,
        new.reservation_transaction_id
    )
    or old.status not in ('active', new.status)
    or (old.status <> 'active' and old.refund_transaction_id is distinct from new.refund_transaction_id)
    or new.claimed_portions not in (old.claimed_portions, old.claimed_portions + 1)
    or (old.creator_id <> new.creator_id and not credits._is_erasure(old.code, old.creator_id, new.creator_id))
) execute function credits._protect_ledger();
create trigger protect_from_removal before delete or truncate on gifts.gift_codes
for each statement execute function credits._protect_ledger();
