-- The account follows its rows, whoever writes them.
create trigger fold_redemption after insert on gifts.gift_redemptions for each row execute function gifts._fold_redemption();

-- Ledgers are never changed.
create trigger protect_ledger before update or delete on gifts.gift_redemptions for each row execute function credits._protect_ledger();
alter table gifts.gift_redemptions enable always trigger protect_ledger;
create trigger protect_ledger_from_truncate before truncate on gifts.gift_redemptions for each statement execute function credits._protect_ledger();
alter table gifts.gift_redemptions enable always trigger protect_ledger_from_truncate;

-- The one exception: an erasure, which is of a person as a whole.
create trigger check_erasure after update on gifts.gift_redemptions
    for each row when (new.status = 'success') execute function gifts._check_redeemer();
