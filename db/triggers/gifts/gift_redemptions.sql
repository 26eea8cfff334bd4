-- Never changed, but for an erasure: a pseudonym takes the place of a person.
create trigger protect_ledger before update on gifts.gift_redemptions for each row when (
    to_jsonb(old) - 'redeemer_user_id' <> to_jsonb(new) - 'redeemer_user_id'
    or not credits._is_erasure(old.code, old.redeemer_user_id, new.redeemer_user_id)
) execute function credits._protect_ledger();
create trigger protect_from_removal before delete or truncate on gifts.gift_redemptions
for each statement execute function credits._protect_ledger();
alter table gifts.gift_redemptions enable always trigger protect_ledger;
alter table gifts.gift_redemptions enable always trigger protect_from_removal;
