create or replace function credits._caller() returns text
language plpgsql stable
as $$
declare
    v_named text := current_setting('credits.caller', true);
begin
    -- The HTTP layer says which service key called; nobody else may speak for another.
    if v_named <> '' and pg_has_role(session_user, 'credits_api', 'member') then
        return v_named;
    end if;
    return session_user;
end
$$;

comment on function credits._caller() is
    'Who is calling: the login role, or the name of the service key that the HTTP layer has put into the setting credits.caller for this transaction';
