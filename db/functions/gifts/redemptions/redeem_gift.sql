create or replace function gifts.redeem_gift(
    p_code text,
    p_user_id text,
    p_email text default null,
    p_matrix_id text default null,
    p_riddle_answer text default null,
    p_source_app_id text default null,
    p_idempotency_key text default null,
    p_typed boolean default false,
    p_request_id text default null,
    p_caller text default null
) returns table (
    status gifts.redemption_status, gift_status gifts.gift_status, gift_code_id uuid, code text, credits_received numeric,
    portion_number integer, transaction_id uuid, new_balance numeric, message text, creator_name text, replayed boolean
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_code constant text := gifts._normalize_code(p_code);
    v_gift gifts.gift_codes;
    v_entry credits.entries;
    v_refusal gifts.redemption_status;
    v_replayed boolean := false;
begin
    perform credits._check_id('userId', p_user_id);
    if p_typed then
        select g.id into v_gift.id from gifts.gift_codes g where g.code = v_code;
        v_entry := credits._of_key(p_user_id, 'person', p_idempotency_key);
        if v_gift.id is null then
            perform credits._take_attempt('gift_guess', p_user_id, 10, interval '1 minute');
            return;
        end if;
        -- Who has guessed too often learns nothing from a code that is right either, unless they have redeemed it with this key.
        if (v_entry.type = 'gift' and v_entry.reference_id = v_gift.id::text) is not true then
            perform credits._check_attempt('gift_guess', p_user_id, 10, interval '1 minute');
        end if;
    end if;
    perform credits._check_id('sourceAppId', p_source_app_id, p_optional => true);
    perform credits._check_key(p_idempotency_key);
    perform credits._hold_in_place(v_code);
    select * into v_gift from gifts.gift_codes g where g.code = v_code for no key update;
    if not found then
        perform gifts._refuse_unknown();
    end if;
    perform credits._remember_address(p_user_id, p_email);

    if p_idempotency_key is not null then
        perform credits._lock_account(p_user_id, 'person', p_create => true);
        v_entry := credits._of_key(p_user_id, 'person', p_idempotency_key);
        v_replayed := v_entry.id is not null;
    end if;
    if v_replayed then
        if v_entry.type <> 'gift' or v_entry.amount < 0 or v_entry.reference_id is distinct from v_gift.id::text
            or v_entry.app_id is distinct from p_source_app_id
            or (
                p_riddle_answer is not null
                -- Empty where its creator has been erased.
                and v_gift.riddle_answer_hash <> ''
                and not gifts._answer_is_right(left(p_riddle_answer, 200), v_gift.riddle_answer_hash)
            )
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
    else
        perform credits._check_cap('redeem', coalesce(p_source_app_id, 'unknown'), 0, p_caller);
        perform gifts._check_attempts(v_gift, p_user_id);
        v_refusal := gifts._refusal(v_gift, p_user_id, p_email, p_matrix_id, p_riddle_answer);
        if v_refusal is not null then
            insert into gifts.gift_redemptions (code, id, gift_code_id, redeemer_user_id, status, source_app_id, created_at)
            values (v_gift.code, credits._new_id(), v_gift.id, p_user_id, v_refusal, p_source_app_id, credits._now());
            return query select
                v_refusal, gifts._status_now(v_gift.status, v_gift.expires_at), v_gift.id, v_gift.code, 0::numeric,
                null::integer, null::uuid, null::numeric, null::text, null::text, false;
            return;
        end if;
        perform credits._refuse_frozen(v_gift.creator_id, 'person', 'This gift cannot be redeemed at the moment');
        perform credits._lock_account(p_user_id, 'person', p_create => true);
        v_entry := gifts._claim_portion(v_gift, p_user_id, p_source_app_id, p_idempotency_key, p_request_id);
    end if;

    return query
    select
        r.status, g.status, g.id, g.code, r.credits_received, r.portion_number, v_entry.id,
        v_entry.available - v_entry.debt, g.message, g.creator_name, v_replayed
    from gifts.gift_redemptions r
    join gifts.gift_codes g on g.code = r.code
    where r.code = v_gift.code and r.id = v_entry.id;
end
$$;

comment on function gifts.redeem_gift is
'Gives a person the next portion of a gift, also to its creator. A failed attempt is recorded and returned as a row
whose status is not success.
p_typed says that a person typed the code: one that does not exist is a guess, 10 at once and as many anew in a minute
for each user. There is no row for it then: the guess counts all the same, which a refusal would undo.
Errors: UC001 invalid_request, UG008 too_many_attempts (guesses), UG001 gift_not_found, UC004 idempotency_key_reused,
UC016 cap_exceeded, UG008 too_many_attempts, UG004 gift_already_claimed (returned as status failed_already_claimed),
UG003 gift_expired (failed_expired), UG002 gift_not_active (cancelled; or used up, returned as failed_depleted), UG007
gift_for_someone_else (failed_wrong_user), UG005 riddle_answer_required, UG006 wrong_riddle_answer
(failed_wrong_answer), UC023 account_frozen (its creator''s), UC008 balance_too_large.
Idempotency: p_idempotency_key within the redeemer''s account; a retry returns the first success with replayed = true; a
failed attempt is tried anew, and a guess counts each time.
Locks: the users attempts for a code that does not exist; else the gift, then the redeemer''s account.';
