create or replace function credits.trim_events(p_limit integer default 10000, p_max_events bigint default 5000000)
returns table (deleted integer, lost text[])
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_last bigint;
    v_now constant timestamptz := credits._now();
begin
    perform credits._check_limit(p_limit, 1000000);
    select l.last_position into v_last from credits.event_log l;
    with late as (
        update credits.event_consumers c
        set lost_at = v_now
        where c.lost_at is null
            and (
                v_last - c.position > p_max_events
                -- The first event after its position waits longest.
                or (
                    select e.created_at from credits.events e where e.position > c.position order by e.position limit 1
                ) < v_now - interval '7 days'
            )
        returning c.consumer
    )
    select array_agg(l.consumer order by l.consumer) into lost from late l;
    if lost is not null then
        raise warning 'consumers of events are lost, since they left events for too long: %', lost;
    end if;
    delete from credits.events
    where position in (
        select e.position
        from credits.events e
        where e.position <= coalesce(
            (select min(c.position) from credits.event_consumers c where c.lost_at is null), v_last
        )
        order by e.position
        limit p_limit
        for update skip locked
    );
    get diagnostics deleted = row_count;
    -- Whoever registers at this moment has the lock until that is committed, and is seen then.
    perform from credits.event_log l for update skip locked;
    if found then
        perform credits._set_events();
    end if;
    return next;
end
$$;

comment on function credits.trim_events(integer, bigint) is
'Deletes up to p_limit events that every consumer has passed; call again until it deletes none. A consumer that has left
an event alone for 7 days, or is more than p_max_events behind, is lost from then on. Nothing is kept for it,
credits.read_events refuses it (UC020), the log has a warning, and lost names it. The API does so every minute.
Errors: UC001 invalid_request.
Idempotency: by nature.
Locks: consumers that become lost; the events it deletes (those that an erasure changes are left for the next call);
the order of events, if nobody else has it.';
