create or replace function gifts.expire_gifts(p_limit integer default 100)
returns table (gifts_expired integer, credits_refunded numeric)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_due gifts.gift_codes[];
    v_gift gifts.gift_codes;
    v_row credits.transactions;
    v_count integer := 0;
    v_credits numeric := 0;
begin
    -- All gifts first, then the balances in order: the one order in which every function takes locks.
    select array_agg(due order by due.creator_id, due.id) into v_due
    from (
        select * from gifts.gift_codes
        where status = 'active' and expires_at <= credits._now()
        order by expires_at
        limit greatest(p_limit, 0)
        for no key update skip locked
    ) due;
    foreach v_gift in array coalesce(v_due, '{}') loop
        begin
            v_row := gifts._return_unclaimed(v_gift, 'refunded');
            v_count := v_count + 1;
            v_credits := v_credits + v_row.amount;
        exception when sqlstate 'UC008' then
            -- Their creator's balance is full: paid back when there is room, and nobody else has to wait for it.
            continue;
        end;
    end loop;
    return query select v_count, v_credits;
end
$$;

comment on function gifts.expire_gifts(integer) is
'Pays the unclaimed credits of up to p_limit gifts that ran out of time back to their creators, and says how many; call again while it returns p_limit.
Errors: none.
Idempotency: by nature; several callers at once share the work.
Locks: the gifts (those locked by others are left for the next call), then their creators'' balances in order.';
