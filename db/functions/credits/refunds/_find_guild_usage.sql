create or replace function credits._find_guild_usage(p_user_id text, p_transaction_id uuid) returns credits.entries
language plpgsql stable
as $$
declare
    v_pool text;
    v_entry credits.entries;
begin
    -- As many look-ups as the member has guilds, however long the ledgers are.
    for v_pool in select m.organization_id from credits.members m where m.user_id = p_user_id order by m.organization_id loop
        v_entry := credits._of_id(v_pool, 'pool', p_transaction_id);
        if v_entry.type = 'usage' and v_entry.other_id = p_user_id then
            return v_entry;
        end if;
    end loop;
    return null;
end
$$;

comment on function credits._find_guild_usage is
    'This member''s usage of a pool with this id; all null when there is none';
