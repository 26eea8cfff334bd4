create or replace function credits._find_guild_usage(p_user_id text, p_transaction_id uuid) returns credits.guild_transactions
language plpgsql stable
as $$
declare
    v_organization_id text := '';
    v_row credits.guild_transactions;
begin
    -- Steps from guild to guild of this member along the index: as many look-ups as they have guilds, however long the ledgers are.
    loop
        select min(g.organization_id) into v_organization_id
        from credits.guild_transactions g
        where g.user_id = p_user_id and g.organization_id > v_organization_id;
        exit when v_organization_id is null;
        select * into v_row
        from credits.guild_transactions g
        where g.user_id = p_user_id and g.organization_id = v_organization_id and g.id = p_transaction_id
            and g.type = 'usage';
        if found then
            return v_row;
        end if;
    end loop;
    return null;
end
$$;

comment on function credits._find_guild_usage(text, uuid) is
    'This member''s usage of a pool with this id; all null when there is none';
