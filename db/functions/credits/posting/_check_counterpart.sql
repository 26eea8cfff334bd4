create or replace function credits._check_counterpart() returns trigger
-- Before PostgreSQL 18 a deferred trigger runs with the rights of whoever commits, who has none here.
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- What a grant refers to is its giver's own. Said here, since PostgreSQL parses the WHEN of a trigger anew in every statement.
    if new.type = 'grant' then
        return null;
    end if;
    if (case new.type
        when 'purchase' then exists (
            select from credits.purchases p
            where p.user_id = new.user_id
                and p.id = credits._as_id(new.reference_id)
                and p.transaction_id = new.id
                and p.credits = new.amount
        )
        when 'clawback' then exists (
            select from credits.purchases p
            where p.user_id = new.user_id and p.id = credits._as_id(new.reference_id) and p.status = 'completed'
        )
        when 'expiry' then exists (
            select from credits.dated_movements m
            where m.user_id = new.user_id
                and m.cause_id = new.id
                and m.dated_id = credits._as_id(new.reference_id)
                and m.amount = new.amount
        )
        when 'usage' then exists (
            select from credits.reservations r
            where r.account_id = new.user_id
                and r.id = credits._as_id(new.reference_id)
                and r.transaction_id = new.id
                and r.committed_amount = -new.amount
        )
        when 'refund' then exists (
            select from credits.transactions t
            where t.user_id = new.user_id and t.id = credits._as_id(new.reference_id) and t.type = 'usage'
        )
        when 'guild_funding' then exists (
            select from credits.guild_transactions g
            where g.organization_id = new.guild_id
                and g.id = credits._as_id(new.reference_id)
                and g.reference_id = new.id::text
                and g.amount = -new.amount
        )
        when 'gift' then
            case
                when new.amount < 0 or new.reversal then exists (
                    select from gifts.gift_codes g
                    where g.creator_id = new.user_id
                        and g.id = credits._as_id(new.reference_id)
                        and new.id in (g.reservation_transaction_id, g.refund_transaction_id)
                )
                else exists (
                    select from gifts.gift_redemptions r
                    where r.redeemer_user_id = new.user_id
                        and r.status = 'success'
                        and r.id = new.id
                        and r.credit_transaction_id = new.id
                        and r.credits_received = new.amount
                )
            end
    end) is not true then
        raise exception using
            errcode = 'UC017',
            message = format('A ledger row of type %s needs its other side', new.type),
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;
    return null;
end
$$;

comment on function credits._check_counterpart() is
    'Trigger at the end of the transaction: refuses a row of a personal ledger that came from a purchase, pool, gift, usage, reservation or dated credit which does not know of it (UC017)';
