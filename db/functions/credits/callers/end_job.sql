create or replace function credits.end_job(p_name text) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    update credits.job_claims set done_at = credits._now() where name = p_name
$$;

comment on function credits.end_job is
'Notes that a job that was claimed has been done. A claim needs no end; it is for the gauge that tells how long ago each
job was done, whichever process did it.
Errors: none.
Idempotency: by nature.
Locks: the claim.';
