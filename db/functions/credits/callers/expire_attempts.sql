create or replace function credits.expire_attempts() returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer := 0;
    v_free record;
    v_now constant timestamptz := credits._now();
begin
    for v_free in select a.subject, a.kind from credits.attempts a where a.free_at <= v_now loop
        perform
        from credits.attempts a
        where a.subject = v_free.subject and a.kind = v_free.kind and a.free_at <= v_now
        for update skip locked;
        if found then
            delete from credits.attempts where subject = v_free.subject and kind = v_free.kind;
            v_count := v_count + 1;
        end if;
    end loop;
    return v_count;
end
$$;

comment on function credits.expire_attempts is
'Forgets who tried what, where all attempts are free again anyway; returns how many rows that were.
Errors: none.
Idempotency: by nature; several callers at once share the work.
Locks: the rows it deletes (those locked by others are left for the next call).';
