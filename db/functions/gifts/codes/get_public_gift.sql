create or replace function gifts.get_public_gift(p_code text, p_address text)
returns table (
    code text, type gifts.gift_type, status gifts.gift_status, total_credits numeric, credits_per_portion numeric,
    total_portions integer, claimed_portions integer, remaining_portions integer, redeemed boolean, has_riddle boolean,
    riddle_question text, is_personalized boolean, message text, creator_name text, expires_at timestamptz
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_free_at timestamptz := credits._take_attempt('gift_look_up', p_address, 60, interval '1 minute');
begin
    if v_free_at is not null then
        perform credits._refuse_too_many_attempts(v_free_at, p_at_gifts => true);
    end if;
    return query select * from gifts.get_gift(p_code);
exception when sqlstate 'UG001' then
    return;
end
$$;

comment on function gifts.get_public_gift is
'Shows what anybody who has a gift''s code may know of it, to a visitor at this address. 60 look-ups at once, and as many anew in a minute. No row when there is no such gift: the attempt counts all the same, which a refusal would undo.
Errors: UG008 too_many_attempts.
Idempotency: each call counts.
Locks: the address''s attempts.';
