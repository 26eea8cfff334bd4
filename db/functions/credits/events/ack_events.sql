create or replace function credits.ack_events(p_consumer text, p_position bigint) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform credits._event_consumer(p_consumer);
    perform credits._refuse_invalid('position', 'must be that of an event that was read')
    where p_position <= (select l.last_position from credits.event_log l) is not true;
    update credits.event_consumers
    set position = greatest(position, p_position)
    where consumer = p_consumer
    returning position into p_position;
    return p_position;
end
$$;

comment on function credits.ack_events(text, bigint) is
'Says that a consumer is done with all events up to a position; it never goes back. Returns the position it is at.
Errors: UC019 event_consumer_not_found, UC020 event_consumer_lost, UC001 invalid_request.
Idempotency: by nature.
Locks: the consumer.';
