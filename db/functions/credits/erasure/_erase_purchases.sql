create or replace function credits._erase_purchases(p_user_id text, p_pseudonym text, p_purchases uuid[]) returns integer
language plpgsql
as $$
declare
    v_rows integer;
    v_total integer;
begin
    -- Stripe knows the person still; the background work deletes them there.
    insert into credits.stripe_customer_deletions (stripe_customer_id)
    select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id
    union
    select p.stripe_customer_id from credits.purchases p
    where p.user_id = p_user_id and p.id = any (p_purchases) and p.stripe_customer_id is not null
    on conflict do nothing;
    update credits.purchases
    set
        user_id = p_pseudonym,
        stripe_customer_id = null,
        failure_reason = null,
        metadata = '{}',
        idempotency_key = null,
        request_digest = null
    where user_id = p_user_id and id = any (p_purchases);
    get diagnostics v_total = row_count;
    update credits.purchase_disputes set user_id = p_pseudonym
    where user_id = p_user_id and purchase_id = any (p_purchases);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    delete from credits.stripe_customers where user_id = p_user_id;
    get diagnostics v_rows = row_count;
    return v_total + v_rows;
end
$$;

comment on function credits._erase_purchases(text, text, uuid[]) is
    'The part of an erasure about payments: returns how many rows it changed or removed. Only purchases that the caller has locked';
