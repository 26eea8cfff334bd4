create or replace function credits.drop_consumer(p_consumer text) returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_found boolean;
begin
    -- Nobody may register in between.
    perform from credits.event_log l for update;
    delete from credits.event_consumers where consumer = p_consumer;
    v_found := found;
    perform credits._set_events();
    return v_found;
end
$$;

comment on function credits.drop_consumer(text) is
'Forgets a consumer of events, its webhook and its secret included; what was kept for it alone is deleted by
credits.trim_events. False if there was none. For a DBA.
Errors: none.
Idempotency: by nature.
Locks: the order of events; the consumer.';
