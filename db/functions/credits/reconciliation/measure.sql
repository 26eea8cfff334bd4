create or replace function credits.measure() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_started constant timestamptz := credits._now();
    v_held record;
    v_reservations bigint;
    v_gifts bigint;
begin
    -- Each asks all accounts, which may lie on other machines than the figures.
    select * into v_held from credits.holdings;
    select count(*) into v_reservations from credits.reservations r where r.status = 'held';
    select count(*) into v_gifts from gifts.gift_codes g where g.status = 'active';
    update credits.figures f
    set
        measured_at = v_started,
        -- A twentieth of one session's time at the most.
        due_at = credits._now() + greatest(interval '1 minute', (credits._now() - v_started) * 20),
        balances = v_held.in_balances,
        pools = v_held.in_pools,
        reservations = v_held.in_reservations,
        gifts = v_held.in_gifts,
        open_reservations = v_reservations,
        open_gifts = v_gifts;
end
$$;

comment on function credits.measure() is
'Adds up where all credits are, for credits.get_metrics: reads every balance and pool, open gifts and reservations, and
no ledger. Measures again after a minute, or twenty times as long as it took.
Errors: none.
Idempotency: by nature.
Locks: the row of figures; what it reads is not locked.';
