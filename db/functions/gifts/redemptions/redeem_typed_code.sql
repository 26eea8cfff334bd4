create or replace function gifts.redeem_typed_code(
    p_code text,
    p_user_id text,
    p_email text default null,
    p_matrix_id text default null,
    p_riddle_answer text default null,
    p_source_app_id text default null,
    p_idempotency_key text default null,
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
    v_kind constant text := 'gift_guess';
    v_most constant integer := 10;
    v_window constant interval := interval '1 minute';
    v_gift_id uuid;
    v_known boolean;
    v_first credits.entries;
    v_free_at timestamptz;
begin
    perform credits._check_id('userId', p_user_id);
    select g.id into v_gift_id from gifts.gift_codes g where g.code = gifts._normalize_code(p_code);
    v_known := found;
    -- Who has guessed too often learns nothing from a code that is right either, unless they have redeemed it with this key.
    v_first := credits._of_key(p_user_id, 'person', p_idempotency_key);
    v_free_at := case
        when v_first.type = 'gift' and v_first.reference_id = v_gift_id::text then null
        when v_known then credits._free_attempt_at(v_kind, p_user_id, v_most, v_window)
        else credits._take_attempt(v_kind, p_user_id, v_most, v_window)
    end;
    if v_free_at is not null then
        perform credits._refuse_too_many_attempts(v_free_at, p_at_gifts => true);
    end if;
    if v_known then
        return query select * from gifts.redeem_gift(
            p_code, p_user_id, p_email, p_matrix_id, p_riddle_answer, p_source_app_id, p_idempotency_key, p_request_id, p_caller
        );
    end if;
end
$$;

comment on function gifts.redeem_typed_code is
'gifts.redeem_gift for codes that people type. A code that does not exist counts as a guess: 10 at once and as many anew in a minute for each user. No row for such a code: the guess counts all the same, which a refusal would undo.
Errors: UC001 invalid_request (userId), UG008 too_many_attempts, then those of gifts.redeem_gift.
Idempotency: as gifts.redeem_gift; a guess counts each time.
Locks: the user''s attempts for a code that does not exist; else those of gifts.redeem_gift.';
