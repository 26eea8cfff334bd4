create or replace function credits._rename_member(p_user_id text, p_pseudonym text, p_organization_id text) returns void
language plpgsql
as $$
begin
    execute format(
        'update %s set user_id = $2 where user_id = $1 and organization_id = $3', credits._part('credits.members', p_user_id)
    ) using p_user_id, p_pseudonym, p_organization_id;
end
$$;

comment on function credits._rename_member(text, text, text) is
    'Puts a pseudonym in the place of the id where it says that a person used a pool. Runs on the account''s machine';
