create or replace function credits._refuse_pseudonym(p_user_id text) returns void
language plpgsql
as $$
begin
    if credits._is_pseudonym(p_user_id) then
        perform credits._refuse_invalid('userId', 'must not begin with erased: as pseudonyms do');
    end if;
end
$$;

comment on function credits._refuse_pseudonym is
'Raises UC001 for the id of somebody who was erased, or one that looks like it. Nothing comes in for them, and they use
no pool';
