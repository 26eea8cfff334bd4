create or replace function gifts.cancel_gift(p_gift_id uuid, p_creator_id text)
returns table (gift_id uuid, refunded_credits numeric, balance numeric, replayed boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_gift gifts.gift_codes;
    v_row credits.transactions;
begin
    select * into v_gift
    from gifts.gift_codes g
    where g.creator_id = p_creator_id and g.id = p_gift_id
    for no key update;
    if not found then
        perform gifts._refuse_unknown();
    end if;
    if v_gift.status = 'cancelled' then
        return query
        select v_gift.id, v_gift.refunded_credits, a.balance_after - a.reserved_after, true
        from credits.transactions t
        cross join lateral credits._standing_after(t) a
        where t.user_id = p_creator_id and t.id = v_gift.refund_transaction_id;
        return;
    end if;
    if v_gift.status <> 'active' then
        perform gifts._refuse_inactive(v_gift.status);
    end if;
    perform credits._check_cap('gift', coalesce(v_gift.source_app_id, 'unknown'), 0);
    v_row := gifts._return_unclaimed(v_gift, 'cancelled');
    return query
    select v_gift.id, v_row.amount, a.balance_after - a.reserved_after, false
    from credits._standing_after(v_row) a;
end
$$;

comment on function gifts.cancel_gift(uuid, text) is
'Takes an active gift back: its unclaimed credits return to its creator.
Errors: UG001 gift_not_found (also for somebody else''s gift), UG002 gift_not_active (used up, or paid back already), UC016 cap_exceeded, UC008 balance_too_large (the creator''s).
Idempotency: by nature; cancelling again returns the first result with replayed = true.
Locks: the gift, then the creator''s balance.';
