create or replace function credits.list_open_disputes()
returns table (user_id text, purchase_id uuid, stripe_dispute_id text)
language plpgsql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
        select d.user_id::text, d.purchase_id, d.stripe_dispute_id
        from credits.purchase_disputes d
        where d.status = 'open'
            or (d.status = 'lost' and d.updated_at >= credits._now() - interval '90 days')
        order by d.created_at;
end
$$;

comment on function credits.list_open_disputes() is
'Disputes that may still turn, oldest first: those that Stripe has not said the end of, however old, and those that were lost in the last 90 days.
Errors: none.
Idempotency: reads only.
Locks: none.';
