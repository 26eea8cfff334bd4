create or replace function credits.list_purchases_to_compare(
    p_what text, p_since timestamptz default null, p_cursor uuid default null, p_limit integer default 10000
) returns table (
    user_id text, purchase_id uuid, status credits.purchase_status, stripe_payment_intent_id text,
    stripe_checkout_session_id text, price_euro_cents integer
)
language plpgsql stable security definer
rows 100
set search_path = pg_catalog, pg_temp
-- Planned for each p_what, whose rows have an index of their own.
set plan_cache_mode = force_custom_plan
as $$
begin
    return query
        select p.user_id::text, p.id, p.status, p.stripe_payment_intent_id, p.stripe_checkout_session_id, p.price_euro_cents
        from credits.purchases p
        where p.id > coalesce(p_cursor, '00000000-0000-0000-0000-000000000000')
            and (
                p_what = 'completed' and p.completed_at >= p_since
                or p_what = 'refunded' and p.refunded_cents > 0 and p.stripe_payment_intent_id is not null
                and p.updated_at >= credits._now() - interval '90 days'
                or p_what = 'unsettled' and (
                    p.status = 'processing'
                    or p.status = 'pending' and p.stripe_payment_intent_id is null and p.stripe_checkout_session_id is null
                    and p.created_at <= credits._now() - interval '1 hour'
                )
            )
        order by p.id
        limit p_limit;
end
$$;

comment on function credits.list_purchases_to_compare is
'Lists purchases to be compared with what Stripe says, in the order in which they were begun, after p_cursor (the
purchase_id of the last row of the page before). By p_what:
unsettled: they still wait for Stripe, however old. Their payment is processing, or they were begun more than an hour
ago and know no object of Stripe''s, since that call was cut off.
refunded: their payment was refunded, all of it or a part, and they changed in the last 90 days. Such a refund may fail
yet, weeks later.
completed: they were paid since p_since.
Errors: none.
Idempotency: reads only.
Locks: none.';
