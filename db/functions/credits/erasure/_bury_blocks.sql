create or replace function credits._bury_blocks(p_user_id text) returns void
language plpgsql
as $$
declare
    v_pool text;
begin
    for v_pool in
        select l.organization_id from credits.guild_spending_limits l where l.user_id = p_user_id and 0 in (l.daily_limit, l.monthly_limit)
    loop
        perform credits._bury(v_pool, 'pool', array['blocked:' || p_user_id]);
    end loop;
end
$$;

comment on function credits._bury_blocks(text) is
    'Keeps a tombstone for each guild that has blocked a person, so that to be erased is no way around it';
