create or replace function credits.claim_measurement() returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
begin
    insert into credits.figures as f (due_at) values (v_now + interval '10 minutes')
    on conflict (only_row) do update
        set due_at = excluded.due_at
        where credits._has_come(f.due_at, v_now, interval '1 day');
    return found;
end
$$;

comment on function credits.claim_measurement() is
'True if it is time to measure and the caller is the one to do so, by credits.measure in a transaction after this one.
If that fails or is cut off, nobody tries again for 10 minutes: what takes too long is not begun over and over.
Errors: none.
Idempotency: none; of several callers at once one is told to.
Locks: the row of figures.';
