create or replace function credits._erase_elsewhere(p_user_id text, p_pseudonym text) returns integer
language plpgsql
as $$
declare
    v_place text;
    v_rows integer;
    v_total integer := 0;
begin
    for v_place in
        select l.organization_id from credits.guild_spending_limits l where l.user_id = p_user_id
        union
        select h.account_id from credits.rule_history h where h.subject_id = p_user_id and h.table_name = 'guild_spending_limits'
        union
        select a.account_id from credits.admin_actions a where a.admin_id = p_user_id
        order by 1
    loop
        delete from credits.guild_spending_limits where organization_id = v_place and user_id = p_user_id;
        get diagnostics v_rows = row_count;
        v_total := v_total + v_rows;
        perform credits._begin_erasure_in(v_place, p_user_id, p_pseudonym);
        -- The limits that just went among them; not counted.
        update credits.rule_history set subject_id = p_pseudonym
        where account_id = v_place and subject_id = p_user_id and table_name = 'guild_spending_limits';
        update credits.admin_actions set admin_id = p_pseudonym where account_id = v_place and admin_id = p_user_id;
        get diagnostics v_rows = row_count;
        v_total := v_total + v_rows;
        delete from credits.erasures where place = v_place and account_id = p_user_id;
    end loop;
    return v_total;
end
$$;

comment on function credits._erase_elsewhere is
    'The part of an erasure about a member''s limits, in all pools, and about what the person did as support, to anybody: returns how many rows it removed or changed';
