create or replace function credits.list_unsettled_purchases()
returns table (
    user_id text, purchase_id uuid, status credits.purchase_status, stripe_payment_intent_id text,
    stripe_checkout_session_id text
)
language plpgsql stable security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
        select p.user_id::text, p.id, p.status, p.stripe_payment_intent_id, p.stripe_checkout_session_id
        from credits.purchases p
        where p.status = 'processing'
            or (
                p.status = 'pending'
                and p.stripe_payment_intent_id is null
                and p.stripe_checkout_session_id is null
                and p.created_at <= credits._now() - interval '1 hour'
            )
        order by p.created_at;
end
$$;

comment on function credits.list_unsettled_purchases() is
'Purchases of which something is still to be heard from Stripe, however old, oldest first: those whose payment is processing, and those begun more than an hour ago that know no object of Stripe''s, because whoever began them did not come to an end.
Errors: none.
Idempotency: reads only.
Locks: none.';
