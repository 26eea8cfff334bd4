create or replace function credits.save_stripe_customer(
    p_user_id text,
    p_stripe_customer_id text,
    p_email text default null,
    p_replaces text default null,
    p_purchase_id uuid default null
) returns table (stripe_customer_id text)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
begin
    perform credits._check_id('userId', p_user_id);
    if p_purchase_id is not null then
        -- An erasure comes before or after as a whole: it locks the purchase too.
        perform from credits.purchases p where p.user_id = p_user_id and p.id = p_purchase_id for share;
        if not found then
            insert into credits.stripe_customer_deletions (stripe_customer_id) values (p_stripe_customer_id)
            on conflict do nothing;
            return query select p_stripe_customer_id;
            return;
        end if;
    end if;
    insert into credits.stripe_customers as c (user_id, stripe_customer_id, email)
    values (p_user_id, p_stripe_customer_id, p_email)
    on conflict (user_id) do update
        set stripe_customer_id = excluded.stripe_customer_id, email = excluded.email, updated_at = greatest(c.updated_at, v_now)
        where c.stripe_customer_id = p_replaces;
    perform credits._remember_address(p_user_id, p_email);
    return query select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id;
end
$$;

comment on function credits.save_stripe_customer is
'Remembers the Stripe customer of a user and returns the one that counts. That is the first that was saved, or that took
the place of p_replaces, which Stripe no longer knows. p_purchase_id is the purchase that it was made for. If the user
has been erased since, nothing is remembered, and the customer is to be deleted at Stripe.
Errors: UC001 invalid_request.
Idempotency: by nature; of two at once one is kept, and both callers get it.
Locks: the purchase, the new mapping.';
