create or replace function credits.list_open_disputes()
returns table (user_id text, purchase_id uuid, stripe_dispute_id text)
language sql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
    select d.user_id::text, d.purchase_id, d.stripe_dispute_id
    from credits.purchase_disputes d
    where d.status = 'open'
    order by d.created_at
$$;

comment on function credits.list_open_disputes() is
'Disputes that Stripe has not said the end of, oldest first.
Errors: none.
Idempotency: reads only.
Locks: none.';
