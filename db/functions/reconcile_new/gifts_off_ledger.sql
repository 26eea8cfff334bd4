create or replace view reconcile_new.gifts_off_ledger as
with accounts as materialized (
    select user_id, verified_id from reconcile_new.accounts
),
posted as materialized (
    select * from reconcile_new.transactions where type = 'gift'
),
-- What the gifts say was posted to accounts that moved.
told as (
    select g.code, 'total_credits' as what, g.creator_id as user_id, g.reservation_transaction_id as transaction_id, -g.total_credits as amount
    from accounts a
    join gifts.gift_codes g on g.creator_id = a.user_id
    where a.verified_id is null or g.reservation_transaction_id > a.verified_id
    union all
    select g.code, 'refunded_credits' as what, g.creator_id, g.refund_transaction_id, g.refunded_credits
    from accounts a
    join gifts.gift_codes g on g.creator_id = a.user_id
    where g.refunded_credits > 0 and (a.verified_id is null or g.refund_transaction_id > a.verified_id)
    union all
    select r.code, 'credits claimed' as what, r.redeemer_user_id, r.credit_transaction_id, r.credits_received
    from accounts a
    join gifts.gift_redemptions r on r.redeemer_user_id = a.user_id
    where r.status = 'success' and (a.verified_id is null or r.credit_transaction_id > a.verified_id)
)
select
    coalesce(g.code, p.reference_id) as account,
    coalesce(g.what, format('ledger row %s of %s', p.id, p.user_id)) as what,
    coalesce(p.amount, 0) as expected,
    coalesce(g.amount, 0) as actual,
    coalesce(g.amount, 0) - coalesce(p.amount, 0) as difference
from told g
full join posted p on p.user_id = g.user_id and p.id = g.transaction_id
where coalesce(g.amount, 0) <> coalesce(p.amount, 0);

comment on view reconcile_new.gifts_off_ledger is 'gifts_off_ledger, of what was charged, paid back and claimed since the last clean run';
