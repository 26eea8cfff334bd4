create or replace view reconcile.clawbacks_off_payments as
with facts as (
    select
        p.user_id,
        p.id,
        p.clawed_back_credits,
        round(
            p.credits * least(
                p.refunded_cents + coalesce(
                    (
                        select sum(d.amount_cents)
                        from credits.purchase_disputes d
                        where d.user_id = p.user_id and d.purchase_id = p.id and d.status <> 'won'
                    ),
                    0
                ),
                p.price_euro_cents
            ) / p.price_euro_cents,
            6
        ) as owed_back
    from credits.purchases p
    where p.status = 'completed'
)
select
    user_id as account,
    format('clawed_back_credits of purchase %s', id) as what,
    owed_back as expected,
    clawed_back_credits as actual,
    clawed_back_credits - owed_back as difference
from facts
where clawed_back_credits <> owed_back;

comment on view reconcile.clawbacks_off_payments is
    'Purchases whose clawed back credits are not what Stripe has reported as refunded, disputed and lost of their payment';
