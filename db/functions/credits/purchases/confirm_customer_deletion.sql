create or replace function credits.confirm_customer_deletion(p_stripe_customer_id text) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    delete from credits.stripe_customer_deletions d where d.stripe_customer_id = p_stripe_customer_id
$$;

comment on function credits.confirm_customer_deletion is
'Forgets a customer that Stripe has deleted.
Errors: none.
Idempotency: by nature.
Locks: the row that goes.';
