create or replace function credits._erase_in_place(
    p_user_id text, p_pseudonym text, p_place text, p_is_pool boolean, p_has_account boolean
) returns integer
language plpgsql
as $$
declare
    v_rows integer;
    v_total integer := 0;
    v_marks text[];
begin
    -- A guild may have the id of its member.
    insert into credits.erasures (place, account_id, pseudonym) values (p_place, p_user_id, p_pseudonym)
    on conflict do nothing;
    if p_is_pool then
        v_marks := array(
            select 'key:' || e.idempotency_key
            from credits.entries e
            where e.account_id = p_place and e.kind = 'pool' and e.other_id = p_user_id and e.idempotency_key is not null
        );
        perform credits._bury(p_place, 'pool', v_marks);
        -- Whoever has a snapshot from before gets 40001 for this row: no new entry of the pool has to tell them that the member is another one now.
        update credits.accounts set has_tombstones = has_tombstones or v_marks <> '{}' where account_id = p_place and kind = 'pool';
        update credits.entries
        set other_id = p_pseudonym, description = '', metadata = '{}', idempotency_key = null, request_id = null
        where account_id = p_place and kind = 'pool' and other_id = p_user_id;
        get diagnostics v_rows = row_count;
        v_total := v_total + v_rows;
        update credits.reservations set user_id = p_pseudonym, reason = ''
        where account_id = p_place and kind = 'pool' and user_id = p_user_id;
        get diagnostics v_rows = row_count;
        v_total := v_total + v_rows;
    end if;
    delete from credits.guild_spending_limits where organization_id = p_place and user_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.admin_actions set admin_id = p_pseudonym where account_id = p_place and admin_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    -- The limits that just went among them.
    update credits.rule_history set subject_id = p_pseudonym
    where account_id = p_place and subject_id = p_user_id and table_name = 'guild_spending_limits';
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
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
    where code = p_place and creator_id = p_user_id and p_has_account;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update gifts.gift_redemptions set redeemer_user_id = p_pseudonym
    where code = p_place and redeemer_user_id = p_user_id and (p_has_account or status <> 'success');
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    return v_total;
end
$$;

comment on function credits._erase_in_place is
'The part of an erasure in one place that is not the person''s own: limits of a member, what they did as support, all
that they did in a pool that they used, a gift by them or what they tried to redeem of one. Returns how many rows it
changed or removed. The caller has locked the pool, or the gift that they made';
