-- Buy: a DBA puts a package on sale, alice buys it over HTTP, because the money moves at Stripe,
-- and the DBA sees it paid and credited.

\getenv alice ALICE_ID

insert into credits.packages (name, description, credits, price_euro_cents, sort_order)
values ('Weekend', 'For two days', 42, 77, 9)
returning id as package, name, credits, price_euro_cents \gset
\echo on sale: :name, :credits credits for :price_euro_cents cents
\setenv PACKAGE :package

-- What alice's app does: see ../curl/5-buy.sh.
\set answer `curl -sS --fail-with-body "$API/credits/purchase" -H "Authorization: Bearer $ALICE" -H "Content-Type: application/json" -d '{"packageId": "'$PACKAGE'", "successUrl": "http://localhost:3000/thanks", "cancelUrl": "http://localhost:3000/shop"}'`
select :'answer'::jsonb ->> 'purchaseId' as purchase, :'answer'::jsonb ->> 'checkoutUrl' as "CHECKOUT" \gset
\setenv CHECKOUT :CHECKOUT
\! curl -sS -X POST "$CHECKOUT/pay"

-- Paid, and credited by exactly one row of the ledger.
select p.status, p.credits, p.price_euro_cents, t.type, t.amount, t.balance_after
from credits.purchases p
left join credits.transactions t on t.user_id = p.user_id and t.type = 'purchase'
where p.id = :'purchase' and p.user_id = :'alice';

-- Off the shelf again. Who began to buy it may still pay.
update credits.packages set active = false where id = :'package';
