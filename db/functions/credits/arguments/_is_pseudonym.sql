create or replace function credits._is_pseudonym(p_id text) returns boolean
language sql immutable parallel safe
as $$
    select p_id like 'erased:%'
$$;

comment on function credits._is_pseudonym is
'True if p_id looks like what takes the place of an erased person: no account is opened under such an id otherwise; null
gives null';
