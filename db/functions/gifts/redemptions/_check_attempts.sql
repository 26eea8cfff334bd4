create or replace function gifts._check_attempts(p_gift gifts.gift_codes, p_user_id text) returns void
language plpgsql stable
as $$
declare
    v_window constant interval := interval '15 minutes';
    v_since uuid := credits._id_floor(credits._now() - v_window);
    v_oldest timestamptz;
begin
    -- The n-th newest failure of the window, if there are that many: when it leaves the window, another attempt is free.
    select r.created_at into v_oldest
    from gifts.gift_redemptions r
    where r.code = p_gift.code and r.redeemer_user_id = p_user_id and r.status <> 'success' and r.id >= v_since
    order by r.id desc
    offset case when p_gift.riddle_answer_hash is null then 19 else 4 end
    limit 1;
    if not found and p_gift.riddle_answer_hash is not null then
        select r.created_at into v_oldest
        from gifts.gift_redemptions r
        where r.code = p_gift.code and r.status = 'failed_wrong_answer' and r.id >= v_since
        order by r.id desc
        offset 49
        limit 1;
    end if;
    if v_oldest is not null then
        perform credits._refuse_too_many_attempts(v_oldest + v_window, p_at_gifts => true);
    end if;
end
$$;

comment on function gifts._check_attempts is
'Raises UG008 after 5 failed attempts of a user at a gift with a riddle (20 at any other), or after 50 wrong answers of
all users, within 15 minutes';
