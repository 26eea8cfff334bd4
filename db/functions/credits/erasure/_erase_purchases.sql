create or replace function credits._erase_purchases(p_user_id text, p_pseudonym text, p_purchases uuid[]) returns integer
language plpgsql
as $$
declare
    v_rows integer;
begin
    -- Stripe knows the person still; the background work deletes them there.
    insert into credits.stripe_customer_deletions (stripe_customer_id)
    select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id
    union
    select p.stripe_customer_id from credits.purchases p
    where p.user_id = p_user_id and p.id = any (p_purchases) and p.stripe_customer_id is not null
    on conflict do nothing;
    delete from credits.stripe_customers where user_id = p_user_id;
    get diagnostics v_rows = row_count;
    -- As a query it runs on the account's machine.
    select v_rows + r.renamed into v_rows from credits._rename(p_user_id, p_pseudonym, 'purchases', p_purchases::text[]) r (renamed);
    return v_rows;
end
$$;

comment on function credits._erase_purchases is
    'The part of an erasure about payments: returns how many rows it changed or removed. Only purchases that the caller has locked';
