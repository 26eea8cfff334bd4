create or replace function credits._event_consumer(p_consumer text) returns credits.event_consumers
language plpgsql
as $$
declare
    v_consumer credits.event_consumers;
begin
    select * into v_consumer
    from credits.event_consumers c
    where c.consumer = p_consumer
        and (
            c.login = session_user
            or (c.login is null and pg_has_role(session_user, 'credits_api', 'member'))
            or pg_has_role(session_user, 'credits_owner', 'member')
        );
    if not found then
        raise exception using
            errcode = 'UC019',
            message = 'There is no such consumer of events for this login',
            detail = json_build_object('consumer', p_consumer)::text,
            hint = 'Have a DBA register it with credits.register_consumer';
    end if;
    if v_consumer.lost_at is not null then
        raise exception using
            errcode = 'UC020',
            message = 'This consumer left events for too long: they are gone',
            detail = json_build_object('consumer', p_consumer, 'lostAt', credits._utc(v_consumer.lost_at))::text,
            hint = 'Read the present state anew, then have a DBA register the consumer again';
    end if;
    return v_consumer;
end
$$;

comment on function credits._event_consumer(text) is
    'A consumer that the session''s login may read for. Raises UC019 if there is none, UC020 if it is lost';
