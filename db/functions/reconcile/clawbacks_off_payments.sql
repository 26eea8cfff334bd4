create or replace view reconcile.clawbacks_off_payments as
select
    p.user_id as account,
    format('clawed_back_credits of purchase %s', p.id) as what,
    f.owed_back as expected,
    p.clawed_back_credits as actual,
    p.clawed_back_credits - f.owed_back as difference
from credits.purchases p
cross join lateral (
    select round(
        p.credits * least(p.refunded_cents + coalesce(sum(d.amount_cents), 0), p.price_euro_cents)
            / p.price_euro_cents,
        6
    ) as owed_back
    from credits.purchase_disputes d
    where d.user_id = p.user_id and d.purchase_id = p.id and d.status <> 'won'
) f
where p.status = 'completed' and p.clawed_back_credits <> f.owed_back;

comment on view reconcile.clawbacks_off_payments is
'Purchases whose clawed back credits are not what Stripe has reported as refunded, disputed and lost of their payment';
