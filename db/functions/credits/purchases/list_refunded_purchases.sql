create or replace function credits.list_refunded_purchases(p_days double precision default 90)
returns table (user_id text, purchase_id uuid, stripe_payment_intent_id text)
language plpgsql stable security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
        select p.user_id::text, p.id, p.stripe_payment_intent_id
        from credits.purchases p
        where p.refunded_cents > 0
            and p.updated_at >= credits._now() - make_interval(secs => p_days * 86400)
            and p.stripe_payment_intent_id is not null
        order by p.updated_at;
end
$$;

comment on function credits.list_refunded_purchases(double precision) is
'Purchases whose payment was refunded, all of it or a part, and that changed in the last p_days: such a refund may fail yet, weeks later.
Errors: none.
Idempotency: reads only.
Locks: none.';
