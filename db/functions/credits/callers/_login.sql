create or replace function credits._login() returns text
language sql stable
as $$
    -- From another machine the owner asks, and may name whoever has called there.
    select coalesce(
        case when session_user = 'credits_owner' then nullif(current_setting('credits.login', true), '') end,
        session_user::text
    )
$$;

comment on function credits._login is
'The login role that called, also where another machine hands on what it was asked (_use_batch_there). Nobody but the
nodes of a cluster logs in as the owner. Inlined where it is used';
