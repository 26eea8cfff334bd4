create or replace function credits.begin_purchase(
    p_user_id text,
    p_package_id uuid,
    p_idempotency_key text default null,
    p_success_url text default null,
    p_cancel_url text default null
) returns table (
    purchase_id uuid, package_id uuid, package_name text, package_description text, credits numeric,
    price_euro_cents integer, currency text, stripe_customer_id text, stripe_price_id text,
    stripe_payment_intent_id text, stripe_checkout_session_id text, first_purchase_id uuid, replayed boolean
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_digest constant bytea := sha256(convert_to(jsonb_build_array(p_package_id, p_success_url, p_cancel_url)::text, 'UTF8'));
    v_package credits.packages;
    v_purchase credits.purchases;
    v_customer_id text;
    v_replayed boolean;
    v_now timestamptz;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._refuse_pseudonym(p_user_id);
    perform credits._check_key(p_idempotency_key);
    -- What they pay would be forfeited.
    perform credits._refuse_closed(p_user_id, 'person');
    select * into v_purchase from credits.purchases where user_id = p_user_id and idempotency_key = p_idempotency_key;
    if not found then
        select * into v_package from credits.packages where id = p_package_id and active;
        if not found then
            perform credits._refuse_unknown('packageId', p_package_id::text, 'UC006', 'There is no such package');
        end if;
        perform credits._take_attempt('purchase', p_user_id, 20, interval '10 minutes');
        -- Those who begin at once waited for each other there: now the first one's is seen.
        select * into v_purchase from credits.purchases where user_id = p_user_id and idempotency_key = p_idempotency_key;
    end if;
    select c.stripe_customer_id into v_customer_id from credits.stripe_customers c where c.user_id = p_user_id;
    v_replayed := v_purchase.id is not null;
    if v_replayed then
        if v_purchase.request_digest is distinct from v_digest then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
        select * into v_package from credits.packages where id = v_purchase.package_id;
        -- Stripe could not be asked then, and is asked now.
        v_now := credits._now();
        update credits.purchases p
        set status = 'pending', failure_reason = null, updated_at = v_now
        where p.user_id = p_user_id
            and p.id = v_purchase.id
            and p.status = 'failed'
            and p.stripe_payment_intent_id is null
            and p.stripe_checkout_session_id is null;
    else
        insert into credits.purchases (
            user_id, id, package_id, package_name, credits, price_euro_cents, stripe_customer_id, idempotency_key, request_digest
        )
        values (
            p_user_id, credits._new_id(), v_package.id, v_package.name, v_package.credits, v_package.price_euro_cents,
            v_customer_id, p_idempotency_key, case when p_idempotency_key is not null then v_digest end
        )
        returning * into v_purchase;
    end if;
    return query select
        v_purchase.id, v_purchase.package_id, v_purchase.package_name, coalesce(v_package.description, ''), v_purchase.credits,
        v_purchase.price_euro_cents, v_purchase.currency,
        coalesce(v_purchase.stripe_customer_id, v_customer_id),
        v_package.stripe_price_id, v_purchase.stripe_payment_intent_id, v_purchase.stripe_checkout_session_id,
        (select p.id from credits.purchases p where p.user_id = p_user_id order by p.id limit 1),
        v_replayed;
end
$$;

comment on function credits.begin_purchase is
'Opens a purchase of a package at its present price. It returns the user''s Stripe customer if there is one, and the
person''s first purchase. That tells somebody who comes under the id of an erased person from the old one. With a key
that began a purchase before, it returns that one as it is by now, with what is known of its payment (replayed). One
that failed because Stripe could not be asked is pending again.
Errors: UC001 invalid_request, 55P03 while the user is being erased, UC004 idempotency_key_reused (another package, or
other addresses to return to), UC006 package_not_found, UC018 too_many_attempts (a user may begin 20 purchases at once,
and as many anew in 10 minutes).
Idempotency: by p_idempotency_key, as long as the purchase is the person''s; without one each call is a purchase of its
own. None of them moves credits.
Locks: the user''s attempts, the new purchase.';
