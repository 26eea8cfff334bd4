create or replace function credits._has_traces_in(p_organization_id text, p_user_id text) returns boolean
language plpgsql stable
as $$
begin
    return exists (select from credits.members m where m.user_id = p_user_id and m.organization_id = p_organization_id)
        or exists (
            select from credits.entries e where e.account_id = p_organization_id and e.kind = 'pool' and e.other_id = p_user_id
        )
        or exists (
            select from credits.reservations r
            where r.account_id = p_organization_id and r.kind = 'pool' and r.user_id = p_user_id and r.status = 'held'
        );
end
$$;

comment on function credits._has_traces_in(text, text) is 'Whether anything is left in a pool of what a member did there under an id';
