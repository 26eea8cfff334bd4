create or replace function credits._bury_blocks(p_user_id text) returns void
language plpgsql
as $$
declare
    v_limit record;
begin
    for v_limit in
        select
            l.organization_id,
            0 in (l.daily_limit, l.weekly_limit, l.monthly_limit) is true and l.until is null as blocks
        from credits.guild_spending_limits l
        where l.user_id = p_user_id
    loop
        -- A block of an earlier life goes where the guild has set limits since.
        perform credits._bury(v_limit.organization_id, 'pool', array['blocked:' || p_user_id], v_limit.blocks);
    end loop;
end
$$;

comment on function credits._bury_blocks is
    'Keeps a tombstone for each guild that has blocked a person for good, so that to be erased is no way around it';
