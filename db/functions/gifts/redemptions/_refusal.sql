create or replace function gifts._refusal(
    p_gift gifts.gift_codes, p_user_id text, p_email text, p_matrix_id text, p_riddle_answer text
) returns gifts.redemption_status
language plpgsql stable
as $$
begin
    if exists (
        select from gifts.gift_redemptions r
        where r.code = p_gift.code and r.redeemer_user_id = p_user_id and r.status = 'success'
    ) then
        return 'failed_already_claimed';
    end if;
    if p_gift.total_portions > 1 and credits._is_buried(p_user_id, 'person', 'gift:' || p_gift.id) then
        return 'failed_already_claimed';
    end if;
    if p_gift.status = 'refunded' or (p_gift.status = 'active' and p_gift.expires_at <= credits._now()) then
        return 'failed_expired';
    end if;
    if p_gift.status = 'cancelled' then
        perform gifts._refuse_inactive(p_gift.status);
    end if;
    if p_gift.status = 'depleted' then
        return 'failed_depleted';
    end if;
    -- What an erasure has put in the place of an address or a Matrix id is nobody's: guilds see pseudonyms in their histories.
    if (p_gift.target_email is not null or p_gift.target_matrix_id is not null)
        and (
            credits._fold_address(p_gift.target_email) = credits._fold_address(p_email)
            and not credits._is_pseudonym(p_gift.target_email)
        ) is not true
        and (p_gift.target_matrix_id = p_matrix_id and not credits._is_pseudonym(p_gift.target_matrix_id)) is not true
    then
        return 'failed_wrong_user';
    end if;
    if p_gift.riddle_answer_hash is not null then
        if coalesce(gifts._fold_answer(left(p_riddle_answer, 200)), '') = '' then
            raise exception using
                errcode = 'UG005',
                message = 'This gift asks for the answer to its riddle',
                hint = 'Give riddleAnswer';
        end if;
        if not gifts._answer_is_right(left(p_riddle_answer, 200), p_gift.riddle_answer_hash) then
            return 'failed_wrong_answer';
        end if;
    end if;
    return null;
end
$$;

comment on function gifts._refusal is
'The reason why this person may not have a portion now, as the status to be recorded; null when nothing stands against
it. Raises what is not recorded: UG002 for a cancelled gift, UG005 for a missing answer';
