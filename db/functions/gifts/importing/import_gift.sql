create or replace function gifts.import_gift(
    p_code text,
    p_creator_id text,
    p_creator_name text,
    p_type gifts.gift_type,
    p_credits_per_portion numeric,
    p_total_portions integer,
    p_claimed_portions integer,
    p_target_email text,
    p_target_matrix_id text,
    p_riddle_question text,
    p_riddle_hash text,
    p_message text,
    p_expires_at timestamptz,
    p_created_at timestamptz
) returns boolean
language plpgsql
as $$
declare
    -- As if it had been made then, so that lists have it in its place.
    v_id constant uuid := credits._id_at(p_created_at);
    v_hash constant bytea := credits._address_hash(p_target_email, (select k.key from credits.address_key k));
    v_charge credits.posted;
begin
    perform credits._lock_account(p_creator_id, 'person');
    v_charge := credits._post(
        p_creator_id, 'person', 'gift', -trim_scale(p_credits_per_portion * (p_total_portions - p_claimed_portions)), 0,
        'Gift created', p_reference_id => v_id::text
    );
    insert into gifts.gift_codes (
        code, id, creator_id, creator_name, total_credits, credits_per_portion, total_portions, claimed_portions,
        claimed_before, type, target_email, target_hash, target_matrix_id, riddle_question, riddle_answer_hash,
        message, expires_at, reservation_transaction_id, request_digest, created_at, updated_at
    )
    values (
        p_code, v_id, p_creator_id, gifts._shown_name(p_creator_name), p_credits_per_portion * p_total_portions,
        p_credits_per_portion, p_total_portions, p_claimed_portions, p_claimed_portions, p_type, p_target_email, v_hash,
        p_target_matrix_id, p_riddle_question,
        -- Of the answer it keeps a hash of the predecessor's hash, whose first 29 characters are the salt.
        case when p_riddle_hash is not null then gifts._riddle_hash(p_riddle_hash, left(p_riddle_hash, 29)) end,
        credits._clean_text(p_message, 500), p_expires_at, v_charge.id, '', p_created_at, v_charge.created_at
    );
    return true;
end
$$;

comment on function gifts.import_gift is
'Brings an open gift from the predecessor under its code, with what was claimed of it. Its unclaimed credits are part of
what credits.import_account brought, and are charged to its creator. The answer to its riddle is what gifts.riddle_salt
says.
Errors: UC002 insufficient_credits, 23505 for a code that is there.
Idempotency: none; the caller looks whether it is there.
Locks: the creator''s account.';
