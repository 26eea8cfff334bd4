create or replace function credits.measure() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_started constant timestamptz := credits._now();
begin
    with
    balances as (select sum(b.balance) as spendable, sum(b.reserved) as reserved from credits.balances b),
    pools as (select sum(p.balance) as spendable, sum(p.reserved) as reserved from credits.guild_pools p),
    gifts as (
        select count(*) as open, sum(g.total_credits - g.credits_per_portion * g.claimed_portions) as unclaimed
        from gifts.gift_codes g
        where g.status = 'active'
    ),
    reservations as (select count(*) as open from credits.reservations r where r.status = 'held')
    update credits.figures f
    set
        measured_at = v_started,
        -- A twentieth of one session's time at the most.
        due_at = credits._now() + greatest(interval '1 minute', (credits._now() - v_started) * 20),
        balances = coalesce(b.spendable, 0),
        pools = coalesce(p.spendable, 0),
        reservations = coalesce(b.reserved, 0) + coalesce(p.reserved, 0),
        gifts = coalesce(g.unclaimed, 0),
        open_reservations = r.open,
        open_gifts = g.open
    from balances b, pools p, gifts g, reservations r;
end
$$;

comment on function credits.measure() is
'Adds up where all credits are, for credits.get_metrics: reads every balance and pool, open gifts and reservations, and no ledger. Measures again after a minute, or twenty times as long as it took.
Errors: none.
Idempotency: by nature.
Locks: the row of figures; what it reads is not locked.';
