create or replace function credits.claim_job(p_name text, p_seconds double precision) returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into credits.job_claims as c (name, claimed_at, done_at)
    values (p_name, credits._now(), credits._now())
    on conflict (name) do update
        set claimed_at = excluded.claimed_at, done_at = coalesce(c.done_at, excluded.done_at)
        where credits._has_come(
            c.claimed_at + make_interval(secs => p_seconds), excluded.claimed_at, make_interval(secs => 2 * p_seconds)
        );
    return found;
end
$$;

comment on function credits.claim_job is
'Takes a job that one process at a time should do. True for the caller who gets it, and for nobody else in the next
p_seconds. A claim needs no end: whoever took it may die. It is held by a row and not by a session, so it works through
any pooler.
Errors: none.
Idempotency: none; each claim counts.
Locks: the claim.';
