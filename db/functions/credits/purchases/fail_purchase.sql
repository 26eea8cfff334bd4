create or replace function credits.fail_purchase(
    p_user_id text, p_purchase_id uuid, p_status text, p_reason text default null
) returns table (outcome text)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_purchase credits.purchases;
    v_now timestamptz;
begin
    if p_status is null or p_status not in ('processing', 'failed', 'cancelled') then
        perform credits._refuse_invalid('status', 'must be processing, failed or cancelled');
    end if;
    v_purchase := credits._lock_purchase(p_user_id, p_purchase_id);
    outcome := case
        when v_purchase.id is null then 'unknown_purchase'
        -- Paid and cancelled are final; what was refused may be tried again, by a debit too.
        when v_purchase.status in ('completed', 'cancelled', p_status::credits.purchase_status) then 'unchanged'
        else 'updated'
    end;
    if outcome = 'updated' then
        v_now := credits._now();
        update credits.purchases
        set status = p_status::credits.purchase_status, failure_reason = p_reason, updated_at = v_now
        where user_id = v_purchase.user_id and id = p_purchase_id;
    end if;
    return next;
end
$$;

comment on function credits.fail_purchase is
'Notes that a payment is processing, has failed or was cancelled. It never undoes a completed or cancelled purchase, and
never hinders a later success. If its buyer has been erased meanwhile, the purchase is the pseudonym''s.
Outcomes: updated, unchanged, unknown_purchase.
Errors: UC001 invalid_request.
Idempotency: by nature.
Locks: the purchase.';
