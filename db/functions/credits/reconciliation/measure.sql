create or replace function credits.measure() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_started constant timestamptz := credits._now();
begin
    update credits.figures f
    set
        measured_at = v_started,
        -- A twentieth of one session's time at the most.
        due_at = credits._now() + greatest(interval '1 minute', (credits._now() - v_started) * 20),
        balances = h.in_balances,
        pools = h.in_pools,
        reservations = h.in_reservations,
        gifts = h.in_gifts,
        open_reservations = (select count(*) from credits.reservations r where r.status = 'held'),
        open_gifts = (select count(*) from gifts.gift_codes g where g.status = 'active')
    from credits.holdings h;
end
$$;

comment on function credits.measure() is
'Adds up where all credits are, for credits.get_metrics: reads every balance and pool, open gifts and reservations, and no ledger. Measures again after a minute, or twenty times as long as it took.
Errors: none.
Idempotency: by nature.
Locks: the row of figures; what it reads is not locked.';
