create or replace view reconcile.entries_without_cause as
select
    e.account_id as account,
    format('cause of entry %s, of type %s', e.sequence, e.type) as what,
    e.amount as expected,
    null::numeric as actual,
    e.amount as difference
from (
    select e.*, credits._as_id(e.reference_id) as cause_id from credits.unverified_entries e where e.type <> 'grant'
) e
where case e.type
    when 'purchase' then exists (
        select from credits.purchases p
        where p.user_id = e.account_id and p.id = e.cause_id and p.transaction_id = e.id and p.credits = e.amount
    )
    when 'clawback' then exists (
        select from credits.purchases p where p.user_id = e.account_id and p.id = e.cause_id and p.status = 'completed'
    )
    when 'expiry' then exists (
        select from credits.lot_movements m
        where m.account_id = e.account_id and m.cause_id = e.id and m.lot_id = e.cause_id and m.amount = e.amount
    )
    when 'usage' then e.reference_id is null or exists (
        select from credits.reservations r
        where r.account_id = e.account_id
            and r.kind = e.kind
            and r.id = e.cause_id
            and r.user_id = coalesce(e.other_id, e.account_id)
            and (r.transaction_id = e.id and r.committed_amount = -e.amount or r.captured >= -e.amount)
    )
    when 'hold' then exists (
        select from credits.reservations r
        where r.account_id = e.account_id and r.kind = e.kind and r.id = e.cause_id and r.user_id = coalesce(e.other_id, e.account_id)
    )
    when 'release' then exists (
        select from credits.reservations r
        where r.account_id = e.account_id and r.kind = e.kind and r.id = e.cause_id and r.user_id = coalesce(e.other_id, e.account_id)
    )
    when 'refund' then
        case when e.reference_id is null then e.kind = 'person' and not e.reversal else exists (
            select from credits._facts_of(e.account_id, e.kind, e.cause_id) u
            where u.type = 'usage' and u.other_id is not distinct from e.other_id
        ) end
    when 'guild_funding' then exists (
        select from credits.entries p
        where p.account_id = e.other_id and p.kind = 'pool' and p.sequence::text = e.reference_id and p.type = 'funding'
            and p.other_id = e.account_id and p.amount = -e.amount and p.reference_id = e.sequence::text
    )
    when 'funding' then exists (
        select from credits.entries p
        where p.account_id = e.other_id and p.kind = 'person' and p.sequence::text = e.reference_id and p.type = 'guild_funding'
            and p.other_id = e.account_id and p.amount = -e.amount and p.reference_id = e.sequence::text
    )
    when 'gift' then
        case when e.amount < 0 or e.reversal then exists (
            select from gifts.gift_codes g
            where g.creator_id = e.account_id
                and g.id = e.cause_id
                and case
                    when e.reversal then g.refund_transaction_id = e.id and g.refunded_credits = e.amount
                    else g.reservation_transaction_id = e.id
                        and g.total_credits - g.credits_per_portion * g.claimed_before = -e.amount
                end
        ) else exists (
            select from gifts.gift_redemptions r
            where r.redeemer_user_id = e.account_id
                and r.status = 'success'
                and r.id = e.id
                and r.credit_transaction_id = e.id
                and r.gift_code_id = e.cause_id
                and r.credits_received = e.amount
        ) end
    when 'erasure' then e.account_id like 'erased:%'
    -- Not by name: the name is as new as the deployment that makes this view.
    else e.type::text = 'adjustment' and exists (
        select from credits.admin_actions a where a.account_id = e.account_id and a.id = e.cause_id and a.entry_id = e.id and a.amount = e.amount
    )
end is not true;

comment on view reconcile.entries_without_cause is
    'Entries whose other side does not know of them: the purchase, gift, redemption, hold, lot, usage or funding that they name';
