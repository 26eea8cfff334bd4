create or replace function credits.list_purchases(
    p_user_id text, p_limit integer default 50, p_offset bigint default 0, p_cursor uuid default null,
    p_purchase_id uuid default null
) returns table (
    id uuid, package_id uuid, credits numeric, price_euro_cents integer, currency text, status credits.purchase_status,
    stripe_payment_intent_id text, created_at timestamptz, completed_at timestamptz, refunded_cents integer,
    clawed_back_credits numeric
)
language plpgsql stable security definer
rows 50
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select
            p.id, p.package_id, p.credits, p.price_euro_cents, p.currency, p.status, p.stripe_payment_intent_id,
            p.created_at, p.completed_at, p.refunded_cents, p.clawed_back_credits
        from credits.purchases p
        where p.user_id = p_user_id
            and (p_purchase_id is null or p.id = p_purchase_id)
            and (
                p_cursor is null
                or (p.created_at, p.id) < (select c.created_at, c.id from credits.purchases c where c.user_id = p_user_id and c.id = p_cursor)
            )
        -- The ids of those that were brought from the predecessor say nothing of their time.
        order by p.created_at desc, p.id desc
        limit p_limit offset p_offset;
    if not found and p_purchase_id is not null then
        perform credits._refuse_unknown('purchaseId', p_purchase_id::text, 'UC007', 'There is no such purchase');
    end if;
end
$$;

comment on function credits.list_purchases is
'A user''s purchases, newest first, from p_cursor (the id of the last row of the page before) on; or the one of
p_purchase_id.
Errors: UC007 purchase_not_found (p_purchase_id).
Idempotency: reads only.
Locks: none.';
