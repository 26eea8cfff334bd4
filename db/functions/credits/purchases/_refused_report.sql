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

comment on function credits._refused_report is
    'The reason, as an outcome, why a report of Stripe''s about a payment moves nothing; null where it does. p_same '
    'is a report of what is known already, which counts whoever noted something since';
