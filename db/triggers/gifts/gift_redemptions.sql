-- Ledgers are never changed. The one exception: an erasure.
create trigger protect_ledger before update or delete on gifts.gift_redemptions for each row execute function credits._protect_ledger();
alter table gifts.gift_redemptions enable always trigger protect_ledger;
create trigger protect_ledger_from_truncate before truncate on gifts.gift_redemptions for each statement execute function credits._protect_ledger();
alter table gifts.gift_redemptions enable always trigger protect_ledger_from_truncate;
