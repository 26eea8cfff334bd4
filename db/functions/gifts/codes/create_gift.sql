create or replace function gifts.create_gift(
    p_creator_id text,
    p_total_credits numeric,
    p_type text default null,
    p_total_portions integer default null,
    p_target_email text default null,
    p_target_matrix_id text default null,
    p_riddle_question text default null,
    p_riddle_answer text default null,
    p_message text default null,
    p_expires_at timestamptz default null,
    p_expiration_days integer default null,
    p_creator_name text default null,
    p_source_app_id text default null,
    p_idempotency_key text default null,
    p_request_id text default null,
    p_caller text default null
) returns table (
    id uuid, code text, short_url text, type gifts.gift_type, status gifts.gift_status, total_credits numeric,
    credits_per_portion numeric, total_portions integer, claimed_portions integer, remaining_portions integer,
    target_email text, target_matrix_id text, riddle_question text, message text, expires_at timestamptz,
    created_at timestamptz, replayed boolean
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_type gifts.gift_type;
    v_portions integer := coalesce(p_total_portions, 1);
    v_digest bytea;
    v_hash bytea;
    v_oldest timestamptz;
    v_charge credits.entries;
    v_posted credits.posted;
    v_gift gifts.gift_codes;
    v_replayed boolean;
    v_now timestamptz;
begin
    perform credits._check_id('creatorId', p_creator_id);
    if p_target_email is not null then
        p_target_email := credits._check_email('targetEmail', p_target_email);
    end if;
    v_type := gifts._check_request(
        p_type, p_total_credits, v_portions, p_target_email, p_target_matrix_id, p_riddle_question, p_riddle_answer,
        p_expires_at, p_expiration_days, p_source_app_id, p_idempotency_key
    );
    p_message := credits._clean_text(p_message, 500);
    v_digest := sha256(convert_to(jsonb_build_array(
        trim_scale(p_total_credits), v_type, v_portions, p_riddle_question, p_message, extract(epoch from p_expires_at),
        p_expiration_days, p_source_app_id
    )::text, 'UTF8'));
    perform credits._lock_account(p_creator_id, 'person');

    v_charge := credits._of_key(p_creator_id, 'person', p_idempotency_key);
    v_replayed := v_charge.id is not null;
    if v_replayed then
        select * into v_gift
        from gifts.gift_codes g
        where g.creator_id = p_creator_id and g.id::text = v_charge.reference_id and v_charge.type = 'gift';
        -- Whom it was for may have been erased, and nothing of them was kept.
        if credits._is_pseudonym(coalesce(v_gift.target_email, v_gift.target_matrix_id))
            and (v_gift.target_email is null) = (p_target_email is null)
            and (v_gift.target_matrix_id is null) = (p_target_matrix_id is null)
        then
            v_gift.target_email := p_target_email;
            v_gift.target_matrix_id := p_target_matrix_id;
        end if;
        if v_gift.request_digest is distinct from v_digest
            or credits._fold_address(v_gift.target_email) is distinct from credits._fold_address(p_target_email)
            or v_gift.target_matrix_id is distinct from p_target_matrix_id
            or v_charge.id is distinct from v_gift.reservation_transaction_id
            or (p_riddle_answer is not null and not gifts._answer_is_right(p_riddle_answer, v_gift.riddle_answer_hash))
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
        -- The first answer, whatever has become of the gift since.
        v_gift.claimed_portions := 0;
        v_gift.status := 'active';
    else
        v_now := credits._now();
        if p_expires_at <= v_now or p_expires_at > v_now + interval '3650 days' then
            perform credits._refuse_invalid('expiresAt', 'must lie in the future, at most 3650 days from now');
        end if;
        v_gift.id := credits._new_id();
        v_gift.credits_per_portion := trunc(p_total_credits / v_portions);
        v_gift.total_credits := v_gift.credits_per_portion * v_portions;
        if p_target_email is not null then
            -- So few gifts wait for an address that all can be given. Of those made at once a few more may pass.
            select credits._address_hash(p_target_email, k.key) into v_hash from credits.address_key k;
            select g.created_at into v_oldest
            from gifts.gift_codes g
            where g.target_hash = v_hash and g.id >= credits._id_floor(v_now - interval '1 day')
            order by g.id desc
            offset 49
            limit 1;
            if v_oldest > v_now - interval '1 day' then
                perform credits._refuse_too_many_attempts(v_oldest + interval '1 day', p_at_gifts => true);
            end if;
        end if;
        perform credits._check_cap('gift', coalesce(p_source_app_id, 'unknown'), v_gift.total_credits, p_caller);
        v_posted := credits._post(
            p_creator_id, 'person', 'gift', -v_gift.total_credits, 0, 'Gift created', p_source_app_id,
            p_idempotency_key, p_reference_id => v_gift.id::text, p_request_id => p_request_id
        );
        loop
            v_gift.code := gifts._new_code();
            exit when not exists (select from gifts.gift_codes g where g.code = v_gift.code);
        end loop;
        insert into gifts.gift_codes (
            code, id, creator_id, creator_name, total_credits, credits_per_portion, total_portions, type, target_email,
            target_hash, target_matrix_id, riddle_question, riddle_answer_hash, message, expires_at, source_app_id,
            reservation_transaction_id, request_digest, created_at, updated_at
        )
        values (
            v_gift.code, v_gift.id, p_creator_id, gifts._shown_name(p_creator_name), v_gift.total_credits,
            v_gift.credits_per_portion, v_portions, v_type, p_target_email, v_hash, p_target_matrix_id,
            p_riddle_question,
            case when p_riddle_answer is not null then
                gifts._riddle_hash(p_riddle_answer, replace(gen_random_uuid()::text, '-', ''))
            end,
            p_message,
            coalesce(p_expires_at, v_posted.created_at + make_interval(days => coalesce(p_expiration_days, 90))),
            p_source_app_id, v_posted.id, v_digest, v_posted.created_at, v_posted.created_at
        )
        returning * into v_gift;
    end if;

    return query select
        v_gift.id, v_gift.code, v_gift.short_url, v_gift.type, v_gift.status, v_gift.total_credits,
        v_gift.credits_per_portion, v_gift.total_portions, v_gift.claimed_portions,
        v_gift.total_portions - v_gift.claimed_portions, v_gift.target_email, v_gift.target_matrix_id,
        v_gift.riddle_question, v_gift.message, v_gift.expires_at, v_gift.created_at, v_replayed;
end
$$;

comment on function gifts.create_gift is
'Charges the creator exactly what can be claimed (portions are rounded down to whole credits) and makes a code for it.
Without p_type a target makes it personalized, else a question riddle, else several portions split; else it is simple.
Target and riddle hold for every type.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC001 invalid_request (expiresAt in the past), UG008
too_many_attempts (50 gifts a day to one address), UC016 cap_exceeded, UC023 account_frozen, UC002 insufficient_credits.
Idempotency: p_idempotency_key within the creator''s account; a retry returns the first answer with replayed = true.
Locks: the creator''s account.';
