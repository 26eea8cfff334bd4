create or replace function credits.read_events(p_consumer text, p_limit integer default 100)
returns table (
    "position" bigint, id uuid, type text, user_id text, organization_id text, data jsonb, created_at timestamptz
)
language plpgsql security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_consumer credits.event_consumers := credits._event_consumer(p_consumer);
    v_last bigint;
begin
    perform credits._check_limit(p_limit, 1000);
    select l.last_position into v_last from credits.event_log l;
    return query
        select e.position, e.id, e.type, e.user_id, e.organization_id, e.data, e.created_at
        from credits.events e
        where e.position > v_consumer.position and e.type = any (v_consumer.types)
        order by e.position
        limit p_limit;
    if not found and v_last > v_consumer.position then
        -- What others want is not kept for this one.
        update credits.event_consumers c set position = v_last where c.consumer = p_consumer and c.position < v_last;
    end if;
end
$$;

comment on function credits.read_events(text, integer) is
'The next events that a consumer has not acknowledged, at most p_limit (1 to 1000), in order; the same ones again until
it does. Acknowledge with credits.ack_events once they are dealt with. Drop what you have dealt with before by its id.
Errors: UC019 event_consumer_not_found, UC020 event_consumer_lost, UC001 invalid_request.
Idempotency: reads only, but that a consumer for which there is nothing moves past what others want.
Locks: none; the consumer where it moves.';
