create or replace function credits._caller(p_caller text) returns text
language sql stable
as $$
    -- The HTTP layer says which service key called; nobody else may speak for another.
    select case
        when p_caller <> '' and pg_has_role(credits._login()::name, 'credits_api', 'member') then p_caller
        else credits._login()
    end
$$;

comment on function credits._caller is
'The caller: the login role, or the name of the service key that the HTTP layer gave as p_caller. Inlined where it is
used';
