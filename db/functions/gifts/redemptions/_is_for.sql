create or replace function gifts._is_for(p_gift gifts.gift_codes, p_email text, p_matrix_id text) returns boolean
language sql immutable
as $$
    select (p_gift.target_email is null and p_gift.target_matrix_id is null)
        -- What an erasure has put in the place of an address or a Matrix id is nobody's: guilds see pseudonyms in their histories.
        or coalesce(
            credits._fold_address(p_gift.target_email) = credits._fold_address(p_email)
            and not credits._is_pseudonym(p_gift.target_email),
            false
        )
        or coalesce(p_gift.target_matrix_id = p_matrix_id and not credits._is_pseudonym(p_gift.target_matrix_id), false)
$$;

comment on function gifts._is_for(gifts.gift_codes, text, text) is
    'Whether a gift is for the holder of this e-mail address (ASCII letters in any case) or Matrix id; one without a target is for everybody';
