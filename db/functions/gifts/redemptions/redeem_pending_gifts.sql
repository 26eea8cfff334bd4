create or replace function gifts.redeem_pending_gifts(p_user_id text, p_email text)
returns table (redeemed_count integer, total_credits numeric)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pending gifts.gift_codes[];
    v_gift gifts.gift_codes;
    v_row credits.transactions;
    v_count integer := 0;
    v_credits numeric := 0;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._check_email('email', p_email);
    perform credits._check_cap('redeem', null, 0);
    -- All gifts first, then the balance: the one order in which every function takes locks.
    select array_agg(pending order by pending.code) into v_pending
    from (
        select * from gifts.gift_codes g
        where credits._fold_address(g.target_email) collate "C" = credits._fold_address(p_email)
            and g.status = 'active'
            and g.expires_at > credits._now()
            and g.riddle_answer_hash is null
        order by g.code
        for no key update
    ) pending;
    perform credits._remember_address(p_user_id, p_email);
    foreach v_gift in array coalesce(v_pending, '{}') loop
        continue when gifts._refusal(v_gift, p_user_id, p_email, null, null) is not null;
        v_row := gifts._claim_portion(v_gift, credits._lock_balance(p_user_id, p_create => true), null, null);
        v_count := v_count + 1;
        v_credits := v_credits + v_row.amount;
    end loop;
    return query select v_count, v_credits;
end
$$;

comment on function gifts.redeem_pending_gifts(text, text) is
'Gives a person who has just registered all gifts that wait for their e-mail address, except those with a riddle, which they answer themselves.
Errors: UC001 invalid_request, UC016 cap_exceeded, UC008 balance_too_large.
Idempotency: by nature; each gift is given once.
Locks: the gifts in the order of their codes, then what is known of the address, then the user''s balance.';
