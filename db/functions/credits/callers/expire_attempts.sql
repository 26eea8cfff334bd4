create or replace function credits.expire_attempts() returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
    v_now constant timestamptz := credits._now();
begin
    delete from credits.attempts a
    using (
        select e.subject, e.kind from credits.attempts e where e.free_at <= v_now for update skip locked
    ) expired
    where a.subject = expired.subject and a.kind = expired.kind;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function credits.expire_attempts() is
'Forgets who tried what, where all attempts are free again anyway; returns how many rows that were.
Errors: none.
Idempotency: by nature; several callers at once share the work.
Locks: the rows it deletes (those locked by others are left for the next call).';
