create or replace function credits.order_events(p_limit integer default 1000) returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_last bigint;
    v_moved integer;
begin
    perform credits._check_limit(p_limit, 100000);
    -- The common case, without a lock.
    if not exists (select o.number from credits.outbox o) then
        return 0;
    end if;
    select l.last_position into v_last from credits.event_log l for update skip locked;
    if not found then
        return 0;  -- somebody else is at it
    end if;
    -- Nobody else orders until this transaction ends, so it must not be left open.
    perform set_config('idle_in_transaction_session_timeout', '1min', true)
    where current_setting('idle_in_transaction_session_timeout')::interval not between '1 ms' and '1 min';
    -- Of each account those come first that were written first; between accounts the time decides.
    with moved as (
        delete from credits.outbox o
        using (
            select w.account_id, w.kind, w.number
            from credits.outbox w
            order by w.account_id, w.kind, w.number
            limit p_limit
        ) next
        where o.account_id = next.account_id and o.kind = next.kind and o.number = next.number
        returning o.*
    )
    insert into credits.events (position, id, type, user_id, organization_id, data, created_at)
    select
        v_last + row_number() over (order by m.turn, m.account_id, m.kind, m.number),
        m.id, m.type, m.user_id, m.organization_id, m.data, m.created_at
    from (select *, max(created_at) over (partition by account_id, kind order by number) as turn from moved) m;
    get diagnostics v_moved = row_count;
    if v_moved > 0 then
        update credits.event_log set last_position = v_last + v_moved;
        perform pg_notify('credits_events', (v_last + v_moved)::text);
    end if;
    return v_moved;
end
$$;

comment on function credits.order_events(integer) is
'Gives up to p_limit committed events their positions, those of an account in the order in which they were written.
Notifies the channel credits_events with the last position. Returns how many; call again until it returns 0. The API
does so all the time. Call it in a transaction of its own, since nobody else can order until that ends. One that lies
idle for a minute is cut off.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once: one does it, the others return 0.
Locks: the order of events (if somebody else has it, nothing is done); the events moved.';
