create or replace function gifts.riddle_salt(p_code text, p_user_id text) returns table (salt text)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_gift gifts.gift_codes;
begin
    select * into v_gift
    from gifts.gift_codes g
    where g.code = gifts._normalize_code(p_code) and g.riddle_answer_hash like '$2%';
    if not found then
        return;
    end if;
    -- Hashing costs much more than asking: who has to wait is told so before. Who has redeemed it may repeat that.
    if not exists (
        select from gifts.gift_redemptions r
        where r.code = v_gift.code and r.redeemer_user_id = p_user_id and r.status = 'success'
    ) then
        perform gifts._check_attempts(v_gift, p_user_id);
    end if;
    salt := left(v_gift.riddle_answer_hash, 29);
    return next;
end
$$;

comment on function gifts.riddle_salt is
'The bcrypt salt with which the predecessor hashed the answer to a gift''s riddle. Such a gift is redeemed with
bcrypt(the answer in small letters, without spaces around it; salt) as p_riddle_answer. No row for any other code.
Errors: UG008 too_many_attempts.
Idempotency: reads only.
Locks: none.';
