create or replace function credits.erasure_is_due() returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from credits.erasure_requests r
        where r.finished_at is null and credits._has_come(r.due_at, credits._now(), interval '1 hour')
    )
$$;

comment on function credits.erasure_is_due is
'Whether credits.continue_erasure has something to do.
Errors: none.
Idempotency: reads only.
Locks: none.';
