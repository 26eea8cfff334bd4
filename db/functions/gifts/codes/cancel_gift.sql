create or replace function gifts.cancel_gift(
    p_gift_id uuid, p_creator_id text, p_request_id text default null, p_caller text default null
) returns table (gift_id uuid, refunded_credits numeric, balance numeric, replayed boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_code text;
    v_gift gifts.gift_codes;
    v_back credits.entries;
begin
    select g.code into v_code from gifts.gift_codes g where g.creator_id = p_creator_id and g.id = p_gift_id;
    select * into v_gift from gifts.gift_codes g where g.code = v_code and g.creator_id = p_creator_id for no key update;
    if not found then
        perform gifts._refuse_unknown();
    end if;
    replayed := v_gift.status = 'cancelled';
    if replayed then
        v_back := credits._of_id(p_creator_id, 'person', v_gift.refund_transaction_id);
    elsif v_gift.status = 'active' then
        perform credits._check_cap('gift', coalesce(v_gift.source_app_id, 'unknown'), 0, p_caller);
        perform credits._lock_account(p_creator_id, 'person');
        v_back := gifts._return_unclaimed(v_gift, 'cancelled', p_request_id);
    else
        perform gifts._refuse_inactive(v_gift.status);
    end if;
    gift_id := v_gift.id;
    refunded_credits := v_back.amount;
    select a.available - a.debt into balance from credits._standing_after(v_back) a;
    return next;
end
$$;

comment on function gifts.cancel_gift is
'Takes an active gift back: its unclaimed credits return to its creator.
Errors: UG001 gift_not_found (also for somebody else''s gift), UG002 gift_not_active (used up, or paid back already),
UC016 cap_exceeded, UC008 balance_too_large (the creator''s).
Idempotency: by nature; cancelling again returns the first result with replayed = true.
Locks: the gift, then the creator''s account.';
