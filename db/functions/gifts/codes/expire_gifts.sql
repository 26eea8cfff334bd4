create or replace function gifts.expire_gifts(p_limit integer default 100)
returns table (gifts_expired integer, credits_refunded numeric)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
    v_due record;
    v_gift gifts.gift_codes;
    v_last credits.entries;
    v_unclaimed numeric;
begin
    perform credits._check_limit(p_limit, 10000);
    gifts_expired := 0;
    credits_refunded := 0;
    -- Nothing here is waited for. A creator whom somebody has locked, or whose balance is full, keeps nobody else from
    -- theirs.
    for v_due in
        select g.code, g.creator_id
        from gifts.gift_codes g
        where g.status = 'active' and g.expires_at <= v_now
        order by g.expires_at
    loop
        exit when gifts_expired = p_limit;
        perform from credits.accounts a
        where a.account_id = v_due.creator_id and a.kind = 'person' and a.closed_at is null
        for no key update skip locked;
        continue when not found;
        select * into v_gift
        from gifts.gift_codes g
        where g.code = v_due.code and g.status = 'active'
        for no key update skip locked;
        continue when not found;
        v_last := credits._lock_account(v_due.creator_id, 'person');
        v_unclaimed := v_gift.total_credits - v_gift.credits_per_portion * v_gift.claimed_portions;
        continue when v_last.available + v_last.reserved - v_last.debt + v_unclaimed > 999999999999.999999;
        perform gifts._return_unclaimed(v_gift, 'refunded');
        gifts_expired := gifts_expired + 1;
        credits_refunded := credits_refunded + v_unclaimed;
    end loop;
    return next;
end
$$;

comment on function gifts.expire_gifts is
'Pays the unclaimed credits of up to p_limit gifts that ran out of time back to their creators, and returns their
number. Call again while it returns p_limit.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once share the work.
Locks: the creators'' accounts and the gifts (those locked by others are left for the next call).';
