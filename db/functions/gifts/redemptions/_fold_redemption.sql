create or replace function gifts._fold_redemption() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.status <> 'success' then
        return null;
    end if;
    if gifts._moved(new.redeemer_user_id, new.credit_transaction_id, new.gift_code_id)
        is distinct from new.credits_received
    then
        raise exception using
            errcode = 'UC017',
            message = 'A redemption needs the ledger row that credited it',
            hint = 'Redeem gifts with gifts.redeem_gift';
    end if;
    update gifts.gift_codes g
    set
        claimed_portions = g.claimed_portions + 1,
        status = case when g.claimed_portions + 1 = g.total_portions then 'depleted' else g.status end,
        updated_at = new.created_at
    where g.code = new.code
        and g.id = new.gift_code_id
        and g.status = 'active'
        and g.claimed_portions + 1 = new.portion_number
        and g.credits_per_portion = new.credits_received;
    if not found then
        raise exception using
            errcode = 'UC017',
            message = 'A redemption must take the next portion of an active gift',
            hint = 'Redeem gifts with gifts.redeem_gift';
    end if;
    return null;
end
$$;

comment on function gifts._fold_redemption() is
    'Trigger: counts a successful redemption in its gift, and refuses one that was not credited or takes what is not there (UC017)';
