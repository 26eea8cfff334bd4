create or replace function credits._erase_limits(p_user_id text, p_pseudonym text) returns integer
language plpgsql
as $$
declare
    v_pool text;
    v_rows integer;
    v_total integer := 0;
begin
    for v_pool in
        select l.organization_id from credits.guild_spending_limits l where l.user_id = p_user_id
        union
        select h.account_id from credits.rule_history h where h.subject_id = p_user_id and h.table_name = 'guild_spending_limits'
        order by 1
    loop
        delete from credits.guild_spending_limits where organization_id = v_pool and user_id = p_user_id;
        get diagnostics v_rows = row_count;
        v_total := v_total + v_rows;
        -- What just went among them; not counted.
        perform credits._begin_erasure_in(v_pool, p_user_id, p_pseudonym);
        update credits.rule_history set subject_id = p_pseudonym
        where account_id = v_pool and subject_id = p_user_id and table_name = 'guild_spending_limits';
        perform credits._end_erasure_in(v_pool, p_user_id);
    end loop;
    return v_total;
end
$$;

comment on function credits._erase_limits(text, text) is
    'The part of an erasure about a member''s limits, in all pools: returns how many it removed';
