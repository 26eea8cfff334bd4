create or replace function credits.admin_cancel_gift(
    p_admin text, p_gift_id uuid, p_reason text, p_idempotency_key text, p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_gift record;
    v_act credits.admin_actions;
begin
    select g.code, g.creator_id into v_gift from gifts.gift_codes g where g.id = p_gift_id;
    if not found then
        perform gifts._refuse_unknown();
    end if;
    -- Gifts before accounts.
    perform from gifts.gift_codes g where g.code = v_gift.code for no key update;
    v_act := credits._begin_act(
        p_admin, v_gift.creator_id, 'cancel_gift', p_gift_id::text, p_reason, p_idempotency_key, p_request_id
    );
    if v_act.created_at is null then
        -- Nothing, where it had been taken back before.
        select case when c.replayed then 0 else c.refunded_credits end into v_act.amount
        from gifts.cancel_gift(p_gift_id, v_gift.creator_id, p_request_id, 'admin:' || p_admin) c;
        if v_act.amount > 0 then
            select g.refund_transaction_id into v_act.entry_id from gifts.gift_codes g where g.code = v_gift.code;
        end if;
    end if;
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_cancel_gift is
'Takes an open gift back for p_admin of the support desk: its unclaimed credits return to its creator. The act is one
on the creator.
Errors: UG001 gift_not_found, UC001 invalid_request, UC024 own_account, UC004 idempotency_key_reused, UG002
gift_not_active, UC016 cap_exceeded (of admin:<p_admin>), UC008 balance_too_large.
Idempotency: p_idempotency_key within the creator''s account; a retry returns the first act with replayed = true.
Locks: the gift, then its creator''s account.';
