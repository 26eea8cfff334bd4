create or replace function credits._login() returns text
language sql stable
as $$
    -- From another machine the owner asks, and may name whoever has called there.
    select case
        when session_user = 'credits_owner' and current_setting('credits.login', true) <> '' then current_setting('credits.login', true)
        else session_user::text
    end
$$;

comment on function credits._login is
'The login role that called, also where another machine hands on what it was asked (_use_batch_there). Nobody but the
nodes of a cluster logs in as the owner. Inlined where it is used';
