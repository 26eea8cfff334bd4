create or replace function credits.get_purchase(p_user_id text, p_purchase_id uuid)
returns table (
    id uuid, package_id uuid, credits numeric, price_euro_cents integer, currency text, status credits.purchase_status,
    stripe_payment_intent_id text, created_at timestamptz, completed_at timestamptz, refunded_cents integer,
    clawed_back_credits numeric
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        p.id, p.package_id, p.credits, p.price_euro_cents, p.currency, p.status, p.stripe_payment_intent_id,
        p.created_at, p.completed_at, p.refunded_cents, p.clawed_back_credits
    from credits.purchases p
    where p.user_id = p_user_id and p.id = p_purchase_id;
    if not found then
        raise exception using
            errcode = 'UC007',
            message = 'There is no such purchase',
            detail = json_build_object('purchaseId', p_purchase_id)::text,
            hint = 'Take an id from the user''s own purchases';
    end if;
end
$$;

comment on function credits.get_purchase is
'One purchase of a user''s own.
Errors: UC007 purchase_not_found.
Idempotency: reads only.
Locks: none.';
