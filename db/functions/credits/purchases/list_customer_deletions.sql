create or replace function credits.list_customer_deletions(p_limit integer default 100)
returns table (stripe_customer_id text)
language sql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
    select d.stripe_customer_id
    from credits.stripe_customer_deletions d
    order by d.created_at, d.stripe_customer_id
    limit p_limit
$$;

comment on function credits.list_customer_deletions is
'Customers of erased persons that are still to be deleted at Stripe.
Errors: none.
Idempotency: reads only.
Locks: none.';
