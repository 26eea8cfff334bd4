create or replace function credits._set_balance_events() returns void
language sql
as $$
    update credits.settings s
    set balance_events = w.wanted
    from (
        select exists (select from credits.event_consumers c where 'balance.changed' = any (c.types) and c.lost_at is null) as wanted
    ) w
    where s.balance_events <> w.wanted
$$;

comment on function credits._set_balance_events() is
    'Has debits look for consumers of the event balance.changed if there are any, and not otherwise. The caller has locked credits.event_log, '
    'so that nobody registers or turns it off meanwhile';
