create or replace function credits.limits_time_zone() returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select s.limits_time_zone from credits.settings s
$$;

comment on function credits.limits_time_zone is
'The zone in which days and months of spending limits are cut, one for the whole database.
Errors: none.
Idempotency: reads only.
Locks: none.';
