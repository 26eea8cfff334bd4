create or replace function credits._set_balance_events() returns void
language plpgsql
as $$
declare
    v_wanted constant boolean := exists (
        select from credits.event_consumers c where 'balance.changed' = any (c.types) and c.lost_at is null
    );
begin
    if v_wanted <> credits._balance_events_wanted() then
        execute format(
            'create or replace function credits._balance_events_wanted() returns boolean language sql stable as %L',
            'select ' || v_wanted
        );
    end if;
end
$$;

comment on function credits._set_balance_events() is
    'Has debits look for consumers of the event balance.changed if there are any, and not otherwise. The caller has locked credits.event_log, '
    'so that nobody registers or turns it off meanwhile. Holds for transactions that begin after this one has committed';
