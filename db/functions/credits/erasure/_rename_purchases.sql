create or replace function credits._rename_purchases(p_user_id text, p_pseudonym text, p_purchases uuid[]) returns integer
language plpgsql
as $$
declare
    v_rows integer;
    v_total integer;
begin
    execute format(
        $update$
            update %s
            set
                user_id = $2,
                stripe_customer_id = null,
                failure_reason = null,
                metadata = '{}',
                idempotency_key = null,
                request_digest = null
            where user_id = $1 and id = any ($3)
        $update$,
        credits._part('credits.purchases', p_user_id)
    ) using p_user_id, p_pseudonym, p_purchases;
    get diagnostics v_total = row_count;
    execute format(
        'update %s set user_id = $2 where user_id = $1 and purchase_id = any ($3)',
        credits._part('credits.purchase_disputes', p_user_id)
    ) using p_user_id, p_pseudonym, p_purchases;
    get diagnostics v_rows = row_count;
    return v_total + v_rows;
end
$$;

comment on function credits._rename_purchases(text, text, uuid[]) is
    'Puts a pseudonym in the place of the id in purchases that the caller has locked, and in their disputes; returns how many rows. Runs on the account''s machine';
