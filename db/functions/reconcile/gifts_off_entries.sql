create or replace view reconcile.gifts_off_entries as
with told as (
    select
        'total_credits' as what, g.id, g.creator_id as account_id, g.reservation_transaction_id as entry_id,
        g.credits_per_portion * g.claimed_before - g.total_credits as amount
    from gifts.gift_codes g
    where g.updated_at >= (select credits._verified_until())
    union all
    select 'refunded_credits' as what, g.id, g.creator_id, g.refund_transaction_id, g.refunded_credits
    from gifts.gift_codes g
    where g.updated_at >= (select credits._verified_until()) and g.status in ('cancelled', 'refunded')
    union all
    select
        format('credits of portion %s', r.portion_number), r.gift_code_id, r.redeemer_user_id, r.credit_transaction_id,
        r.credits_received
    from gifts.gift_redemptions r
    where r.status = 'success' and not r.brought and r.created_at >= (select credits._verified_until())
)
select
    t.id::text as account,
    t.what,
    t.amount as expected,
    e.amount as actual,
    coalesce(e.amount, 0) - t.amount as difference
from told t
left join lateral credits._facts_of(t.account_id, 'person', t.entry_id) e on e.id is not null
where (e.type, e.reference_id, e.amount) is distinct from ('gift', t.id::text, t.amount)
union all
select
    g.id::text, 'claimed_portions' as what, g.claimed_before + r.portions, g.claimed_portions,
    g.claimed_portions - g.claimed_before - r.portions
from gifts.gift_codes g
cross join lateral (
    select count(*) as portions, coalesce(sum(r.credits_received), 0) as credits
    from gifts.gift_redemptions r
    where r.code = g.code and r.gift_code_id = g.id and r.status = 'success' and not r.brought
) r
where g.updated_at >= (select credits._verified_until())
    and (r.portions, r.credits) is distinct from (
        g.claimed_portions - g.claimed_before, (g.claimed_portions - g.claimed_before) * g.credits_per_portion
    );

comment on view reconcile.gifts_off_entries is
'Gifts whose charge, refund or redemptions are not entries of their people, or whose claimed portions are not their
redemptions. A gift is named by its id: its code is money';
