create or replace function credits._rewrite_identity(
    p_user_id text, p_pseudonym text, p_has_account boolean, p_pools text[], p_purchases uuid[], p_gifts_for_them text[], p_addresses bytea[]
) returns integer
language plpgsql
as $$
declare
    v_rows integer;
    v_total integer := 0;
begin
    update credits.balances set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.transactions
    set
        user_id = p_pseudonym,
        description = '',
        metadata = '{}',
        idempotency_key = null,
        request_id = null,
        reference_id = case when type <> 'grant' then reference_id end
    where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.seals set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.usage_marks set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    update credits.usage_folds set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.dated_credits set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.dated_movements set user_id = p_pseudonym where user_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;

    update credits.reservations
    set
        account_id = case when organization_id is null then p_pseudonym else account_id end,
        user_id = p_pseudonym,
        reason = '',
        idempotency_key = null
    where user_id = p_user_id and (organization_id = any (p_pools) or (organization_id is null and p_has_account));
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.guild_member_spending set user_id = p_pseudonym
    where user_id = p_user_id and organization_id = any (p_pools);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.guild_transactions
    set user_id = p_pseudonym, description = '', metadata = '{}', idempotency_key = null, request_id = null
    where user_id = p_user_id and organization_id = any (p_pools);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    delete from credits.guild_spending_limits where user_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;

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
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.purchase_disputes set user_id = p_pseudonym
    where user_id = p_user_id and purchase_id = any (p_purchases);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    delete from credits.stripe_customers where user_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    delete from credits.known_addresses where user_id = p_user_id and address_hash = any (p_addresses);
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    -- Not counted: they go by themselves within minutes.
    delete from credits.attempts where subject = p_user_id;
    perform credits._erase_events(p_user_id);

    update gifts.gift_codes
    set
        creator_id = p_pseudonym,
        creator_name = null,
        message = null,
        riddle_question = case when riddle_question is not null then '' end,
        riddle_answer_hash = case when riddle_answer_hash is not null then '' end,
        target_email = case when target_email is not null then '' end,
        target_hash = null,
        target_matrix_id = case when target_matrix_id is not null then '' end,
        request_digest = ''
    where creator_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update gifts.gift_codes g
    set
        target_email = case when g.target_email is not null then p_pseudonym end,
        target_hash = null,
        target_matrix_id = case when g.target_matrix_id is not null then p_pseudonym end,
        request_digest = ''
    where (g.target_email is not null or g.target_matrix_id is not null)
        and g.code in (
            select r.code from gifts.gift_redemptions r where r.redeemer_user_id = p_user_id and r.status = 'success'
        );
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update gifts.gift_redemptions set redeemer_user_id = p_pseudonym
    where redeemer_user_id = p_user_id and (p_has_account or status <> 'success');
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update gifts.gift_codes
    set target_email = p_pseudonym, target_hash = null, target_matrix_id = null, request_digest = ''
    where code = any (p_gifts_for_them);
    get diagnostics v_rows = row_count;
    return v_total + v_rows;
end
$$;

comment on function credits._rewrite_identity(text, text, boolean, text[], uuid[], text[], bytea[]) is
    'The part of erase_user that puts a pseudonym in the place of a person, table by table; returns how many rows it rewrote or removed. '
    'Only what the caller has locked (_lock_person): what is begun elsewhere meanwhile is a new person''s. '
    'Ledgers before what refers to them, since the triggers check that';
