create or replace function credits._lock_purchase(p_user_id text, p_purchase_id uuid) returns credits.purchases
language plpgsql
as $$
declare
    v_user_id text;
    v_purchase credits.purchases;
begin
    select * into v_purchase from credits.purchases where user_id = p_user_id and id = p_purchase_id for no key update;
    if not found then
        -- Begun by somebody who has been erased since: the pseudonym has it now, for good.
        select p.user_id into v_user_id from credits.purchases p where credits._is_pseudonym(p.user_id) and p.id = p_purchase_id;
        select * into v_purchase from credits.purchases where user_id = v_user_id and id = p_purchase_id for no key update;
    end if;
    return v_purchase;
end
$$;

comment on function credits._lock_purchase is
'Locks and returns a purchase by what Stripe knows of it: the id of its buyer, who may have been erased since, and its
own. All null if there is none';
