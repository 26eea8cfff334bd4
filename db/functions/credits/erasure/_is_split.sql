create or replace function credits._is_split(p_account_id text, p_pseudonym text) returns boolean
language plpgsql stable
as $$
declare
    v_pools constant text[] := array(select m.organization_id from credits.members m where m.user_id = p_account_id);
begin
    return (credits._has_traces(p_account_id) and credits._has_traces(p_pseudonym))
        or exists (select from credits.members m where m.user_id = p_pseudonym and m.organization_id = any (v_pools));
end
$$;

comment on function credits._is_split(text, text) is
    'Whether something of a person''s own account is left under the id and something under the pseudonym, or they are a member of the same pool under both';
