create or replace function gifts._check_request(
    p_type text, p_total_credits numeric, p_portions integer, p_target_email text, p_target_matrix_id text,
    p_riddle_question text, p_riddle_answer text, p_expires_at timestamptz, p_expiration_days integer,
    p_source_app_id text, p_idempotency_key text
) returns gifts.gift_type
language plpgsql stable
as $$
declare
    v_types constant text[] := enum_range(null::gifts.gift_type);
begin
    if p_type <> all (v_types) then
        perform credits._refuse_invalid('type', format('must be one of %s', array_to_string(v_types, ', ')));
    end if;
    p_type := coalesce(p_type, case
        when coalesce(p_target_email, p_target_matrix_id) is not null then 'personalized'
        when p_riddle_question is not null then 'riddle'
        when p_portions > 1 then 'split'
        else 'simple'
    end);
    if (p_total_credits between 1 and 10000 and p_total_credits = trunc(p_total_credits)) is not true then
        perform credits._refuse_invalid('totalCredits', 'must be a whole number from 1 to 10000');
    end if;
    if p_portions not between 1 and 100 then
        perform credits._refuse_invalid('totalPortions', 'must be from 1 to 100');
    end if;
    if p_portions > p_total_credits then
        perform credits._refuse_invalid('totalPortions', 'must leave at least 1 credit for each portion');
    end if;
    if p_portions > 1 and p_type in ('simple', 'personalized') then
        perform credits._refuse_invalid('totalPortions', format('must be 1 for a gift of type %s', p_type));
    end if;
    if p_target_matrix_id is not null then
        perform credits._check_id('targetMatrixId', p_target_matrix_id);
        if btrim(credits._plain_spaces(p_target_matrix_id)) = '' then
            perform credits._refuse_invalid('targetMatrixId', 'must not be blank');
        end if;
    end if;
    if p_type = 'personalized' and p_target_email is null and p_target_matrix_id is null then
        perform credits._refuse_invalid('targetEmail', 'must be given for a personalized gift, unless targetMatrixId is');
    end if;
    if p_riddle_question is null and (p_type = 'riddle' or p_riddle_answer is not null)
        or btrim(credits._plain_spaces(p_riddle_question)) = '' or char_length(p_riddle_question) > 200
    then
        perform credits._refuse_invalid('riddleQuestion', 'must be given with its answer, 1 to 200 characters');
    end if;
    if p_riddle_question is not null and coalesce(gifts._fold_answer(left(p_riddle_answer, 200)), '') = ''
        or char_length(p_riddle_answer) > 200
    then
        perform credits._refuse_invalid('riddleAnswer', 'must be given with its question, 1 to 200 characters');
    end if;
    if p_expires_at is not null and p_expiration_days is not null then
        perform credits._refuse_invalid('expiresAt', 'must not be given together with expirationDays');
    end if;
    if p_expiration_days not between 1 and 3650 then
        perform credits._refuse_invalid('expirationDays', 'must be from 1 to 3650');
    end if;
    perform credits._check_id('sourceAppId', p_source_app_id, p_optional => true);
    perform credits._check_key(p_idempotency_key);
    return p_type;
end
$$;

comment on function gifts._check_request is
'Returns the type of a gift: the one asked for, else the one that its parts make. Raises UC001 for the first part of the
request that cannot be';
