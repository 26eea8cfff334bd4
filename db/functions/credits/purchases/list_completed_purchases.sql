create or replace function credits.list_completed_purchases(p_since timestamptz)
returns table (
    user_id text, purchase_id uuid, stripe_payment_intent_id text, price_euro_cents integer, currency text,
    refunded_cents integer
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
        select p.user_id::text, p.id, p.stripe_payment_intent_id, p.price_euro_cents, p.currency, p.refunded_cents
        from credits.purchases p
        where p.completed_at >= p_since
        order by p.completed_at;
end
$$;

comment on function credits.list_completed_purchases(timestamptz) is
'What was bought and paid since a moment, oldest first, to be compared with what Stripe says.
Errors: none.
Idempotency: reads only.
Locks: none.';
