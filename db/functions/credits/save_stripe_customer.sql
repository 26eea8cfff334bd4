create or replace function credits.save_stripe_customer(
    p_user_id text, p_stripe_customer_id text, p_email text default null, p_replaces text default null
) returns table (stripe_customer_id text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_now constant timestamptz := credits._now();
begin
    perform credits._check_id('userId', p_user_id);
    insert into credits.stripe_customers as c (user_id, stripe_customer_id, email)
    values (p_user_id, p_stripe_customer_id, p_email)
    on conflict (user_id) do update
        set stripe_customer_id = excluded.stripe_customer_id, email = excluded.email, updated_at = greatest(c.updated_at, v_now)
        where c.stripe_customer_id = p_replaces;
    return query select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id;
end
$$;

comment on function credits.save_stripe_customer(text, text, text, text) is
'Remembers the Stripe customer of a user and returns the one that counts: the first that was saved, or that took the place of p_replaces, which Stripe no longer knows.
Errors: UC001 invalid_request.
Idempotency: by nature; of two at once one is kept, and both callers get it.
Locks: the new mapping.';
