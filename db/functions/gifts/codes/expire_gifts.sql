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
    perform credits._check_limit(p_limit, 10000);
    -- Nothing here is waited for: a creator whom somebody has locked, or whose balance is full, keeps nobody else from theirs.
    select array_agg(due order by due.creator_id, due.id) into v_due
    from (
        select g.*
        from gifts.gift_codes g
        join credits.balances b on b.user_id = g.creator_id
        where g.status = 'active'
            and g.expires_at <= credits._now()
            and b.balance + b.reserved + g.total_credits - g.credits_per_portion * g.claimed_portions <= 999999999999.999999
        order by g.expires_at
        limit p_limit
        for no key update skip locked
    ) due;
    foreach v_gift in array coalesce(v_due, '{}') loop
        begin
            v_row := gifts._return_unclaimed(v_gift, 'refunded');
            v_count := v_count + 1;
            v_credits := v_credits + v_row.amount;
        exception when sqlstate 'UC008' then
            -- An earlier one has filled their creator's balance: paid back when there is room again.
            continue;
        end;
    end loop;
    return query select v_count, v_credits;
end
$$;

comment on function gifts.expire_gifts(integer) is
'Pays the unclaimed credits of up to p_limit gifts that ran out of time back to their creators, and says how many; call again while it returns p_limit.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once share the work.
Locks: the gifts and their creators'' balances (those locked by others are left for the next call).';
