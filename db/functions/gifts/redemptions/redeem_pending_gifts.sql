create or replace function gifts.redeem_pending_gifts(
    p_user_id text, p_email text, p_request_id text default null, p_caller text default null
) returns table (redeemed_count integer, total_credits numeric, more boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_most constant integer := 100;
    v_codes text[];
    v_code text;
    v_gift gifts.gift_codes;
    v_pending gifts.gift_codes[] := '{}';
begin
    perform credits._check_id('userId', p_user_id);
    p_email := credits._check_email('email', p_email);
    perform credits._check_cap('redeem', null, 0, p_caller);
    v_codes := array(
        select g.code
        from gifts.gift_codes g
        where credits._fold_address(g.target_email) collate "C" = credits._fold_address(p_email)
            and g.status = 'active'
            and g.expires_at > credits._now()
            and g.riddle_answer_hash is null
            and not exists (
                select from gifts.gift_redemptions r
                where r.code = g.code and r.redeemer_user_id = p_user_id and r.status = 'success'
            )
        order by g.id
        limit v_most + 1
    );
    more := cardinality(v_codes) > v_most;
    -- All gifts first, then the account: the one order in which every function takes locks.
    for v_code in select c from unnest(v_codes[:v_most]) c order by c loop
        select * into v_gift from gifts.gift_codes g where g.code = v_code for no key update;
        v_pending := v_pending || v_gift;
    end loop;
    perform credits._remember_address(p_user_id, p_email);
    redeemed_count := 0;
    total_credits := 0;
    foreach v_gift in array v_pending loop
        continue when v_gift.status <> 'active' or gifts._refusal(v_gift, p_user_id, p_email, null, null) is not null;
        -- It stays open until its creator's account is frozen no more.
        continue when credits._is_frozen(v_gift.creator_id, 'person');
        perform credits._lock_account(p_user_id, 'person', p_create => true);
        perform gifts._claim_portion(v_gift, p_user_id, p_request_id => p_request_id);
        redeemed_count := redeemed_count + 1;
        total_credits := total_credits + v_gift.credits_per_portion;
    end loop;
    -- Where none of them could be given, calling again would find the same ones.
    more := more and redeemed_count > 0;
    return next;
end
$$;

comment on function gifts.redeem_pending_gifts is
'Gives a person who has just registered the oldest 100 gifts that wait for their e-mail address (more says that others
are left; call again). Gifts with a riddle stay open, since they answer it themselves, and so do gifts of people whose
account is frozen.
Errors: UC001 invalid_request, UC016 cap_exceeded, UC008 balance_too_large.
Idempotency: by nature; each gift is given once.
Locks: the gifts in the order of their codes, then what is known of the address, then the user''s account.';
