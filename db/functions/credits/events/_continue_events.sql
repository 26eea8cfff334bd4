create or replace function credits._continue_events() returns void
language plpgsql
as $$
declare
    v_highest bigint;
begin
    -- Nobody orders meanwhile.
    perform from credits.event_log l for update;
    select max(o.number) into v_highest from credits.outbox o;
    -- Never where numbers are given out already: those of this moment are not seen, and none may come twice.
    perform setval('credits.outbox_number_seq', v_highest)
    from credits.outbox_number_seq s
    where (s.last_value, s.is_called::integer) < (v_highest, 1);
end
$$;

comment on function credits._continue_events() is
    'Has a database whose rows came by logical replication go on with events as the old one did: its sequence, which is not replicated, numbers '
    'them after those that wait. Every deployment calls it; elsewhere it changes nothing';
