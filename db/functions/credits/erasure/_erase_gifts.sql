create or replace function credits._erase_gifts(
    p_user_id text, p_pseudonym text, p_has_account boolean, p_gifts_for_them text[], p_gifts_redeemed text[], p_addresses bytea[]
) returns integer
language plpgsql
as $$
declare
    v_code text;
    v_rows integer;
    v_total integer;
begin
    delete from credits.known_addresses where user_id = p_user_id and address_hash = any (p_addresses);
    get diagnostics v_total = row_count;
    -- Not counted: they go by themselves within minutes.
    delete from credits.attempts where subject = p_user_id;
    for v_code in
        select g.code from gifts.gift_codes g where g.creator_id = p_user_id and p_has_account
        union
        select r.code from gifts.gift_redemptions r
        where r.redeemer_user_id = p_user_id and (p_has_account or r.status <> 'success')
        order by 1
    loop
        insert into credits.erasures (place, account_id, pseudonym) values (v_code, p_user_id, p_pseudonym)
        on conflict do nothing;
        update gifts.gift_codes
        set
            creator_id = p_pseudonym,
            creator_name = null,
            message = null,
            riddle_question = case when riddle_question is not null then '' end,
            riddle_answer_hash = case when riddle_answer_hash is not null then '' end,
            target_email = case when target_email is not null then '' end,
            target_hash = null,
            target_matrix_id = case when target_matrix_id is not null then '' end,
            request_digest = ''
        where code = v_code and creator_id = p_user_id and p_has_account;
        get diagnostics v_rows = row_count;
        v_total := v_total + v_rows;
        update gifts.gift_redemptions set redeemer_user_id = p_pseudonym
        where code = v_code and redeemer_user_id = p_user_id and (p_has_account or status <> 'success');
        get diagnostics v_rows = row_count;
        v_total := v_total + v_rows;
    end loop;
    foreach v_code in array p_gifts_redeemed || p_gifts_for_them loop
        update gifts.gift_codes
        set
            target_email = case when target_email is not null then p_pseudonym end,
            target_hash = null,
            target_matrix_id = case when target_matrix_id is not null then p_pseudonym end,
            request_digest = ''
        where code = v_code and (target_email is not null or target_matrix_id is not null);
        get diagnostics v_rows = row_count;
        v_total := v_total + v_rows;
    end loop;
    return v_total;
end
$$;

comment on function credits._erase_gifts is
    'The part of an erasure about gifts by a person, for them and redeemed by them, and their addresses: returns how many rows it changed or removed. Only gifts that the caller has locked';
