create or replace function credits._refused_report(p_purchase credits.purchases, p_currency text, p_same boolean, p_seen integer)
returns text
language sql immutable
as $$
    select case
        when p_purchase.id is null then 'unknown_purchase'
        when p_purchase.currency is distinct from p_currency then 'currency_mismatch'
        when p_seen <> p_purchase.reversals_version and not p_same then 'outdated'
    end
$$;

comment on function credits._refused_report(credits.purchases, text, boolean, integer) is
    'Why what Stripe said of a payment moves nothing, as an outcome: null where it does. p_same is what is known already, whoever noted something since';
