create or replace function credits._set_events() returns void
language plpgsql
as $$
declare
    v_wanted constant text[] := array(
        select distinct t.type
        from credits.event_consumers c
        cross join unnest(c.types) t (type)
        where c.lost_at is null
        order by t.type
    );
begin
    update credits.settings set events = v_wanted where events <> v_wanted;
    -- A transaction with an older snapshot, which sees other consumers and settings, gets 40001 at its lock.
    update credits.event_log set last_position = last_position;
end
$$;

comment on function credits._set_events() is
'Has those events written that some consumer wants, and no others. The caller has locked credits.event_log, so that
nobody registers meanwhile';
