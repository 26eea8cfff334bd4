create or replace function credits._is_blocked_again(p_organization_id text, p_user_id text) returns boolean
language plpgsql stable
as $$
begin
    perform from credits.guild_spending_limits l
    where l.organization_id = p_organization_id and l.user_id = p_user_id;
    return not found
        and not credits._is_pseudonym(p_user_id)
        and credits._is_buried(p_organization_id, 'pool', 'blocked:' || p_user_id);
end
$$;

comment on function credits._is_blocked_again is
'Whether a member is blocked because somebody with their id was, and was erased, and the guild has set no limits since';
