create or replace function credits.register_consumer(p_consumer text, p_types text[], p_login text default null) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_position bigint;
begin
    perform credits._check_id('consumer', p_consumer);
    if cardinality(p_types) > 0 is not true
        or not p_types <@ array['balance.changed', 'balance.low', 'gift.redeemed', 'purchase.completed', 'hold.expired']
    then
        perform credits._refuse_invalid('types', 'must name at least one type of event, and no others');
    end if;
    -- Nobody may turn the events of balances off in between (credits.trim_events).
    select l.last_position into v_position from credits.event_log l for update;
    insert into credits.event_consumers as c (consumer, types, login, position)
    values (p_consumer, p_types, coalesce(p_login, p_consumer), v_position)
    on conflict (consumer) do update
        set
            types = excluded.types,
            login = case when c.login is not null then excluded.login end,
            position = case when c.lost_at is null then c.position else excluded.position end,
            lost_at = null
    returning c.position into v_position;
    perform credits._set_balance_events();
    return v_position;
end
$$;

comment on function credits.register_consumer(text, text[], text) is
'Registers who reads events: those of the given types (balance.changed, balance.low, gift.redeemed, purchase.completed, hold.expired) written by transactions that begin after this commits. p_login is the login role that reads, by default the one that has the consumer''s name. Returns the position it begins after. For a DBA.
A consumer that is there gets the new types and login and keeps its position; one that was lost begins anew, after what is there by now.
Errors: UC001 invalid_request.
Idempotency: by nature.
Locks: the order of events, for the rest of the transaction; then the consumer.';
