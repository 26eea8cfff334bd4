create or replace function credits.begin_purchase(p_user_id text, p_package_id uuid)
returns table (
    purchase_id uuid, package_id uuid, package_name text, package_description text, credits numeric,
    price_euro_cents integer, currency text, stripe_customer_id text, stripe_price_id text
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_package credits.packages;
    v_purchase credits.purchases;
    v_free_at timestamptz;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._refuse_pseudonym(p_user_id);
    select * into v_package from credits.packages where id = p_package_id and active;
    if not found then
        raise exception using
            errcode = 'UC006',
            message = 'There is no such package',
            detail = json_build_object('packageId', p_package_id)::text,
            hint = 'Take an id from credits.list_packages';
    end if;
    v_free_at := credits._take_attempt('purchase', p_user_id, 20, interval '10 minutes');
    if v_free_at is not null then
        perform credits._refuse_too_many_attempts(v_free_at);
    end if;
    insert into credits.purchases (user_id, id, package_id, package_name, credits, price_euro_cents, stripe_customer_id)
    values (
        p_user_id, credits._new_id(), v_package.id, v_package.name, v_package.credits, v_package.price_euro_cents,
        (select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id)
    )
    returning * into v_purchase;
    return query select
        v_purchase.id, v_package.id, v_package.name, v_package.description, v_purchase.credits,
        v_purchase.price_euro_cents, v_purchase.currency, v_purchase.stripe_customer_id, v_package.stripe_price_id;
end
$$;

comment on function credits.begin_purchase(text, uuid) is
'Opens a purchase of a package at its present price, and tells the user''s Stripe customer if there is one.
Errors: UC001 invalid_request, UC006 package_not_found, UC018 too_many_attempts: a user may begin 20 purchases at once, and as many anew in 10 minutes.
Idempotency: none; each call is a purchase of its own, and none of them moves credits.
Locks: the user''s attempts, the new purchase.';
