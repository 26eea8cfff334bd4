create or replace function credits.get_metrics() returns table (metric text, label text, value double precision)
language plpgsql stable security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
    v_due timestamptz;
    v_event timestamptz;
    v_erasure timestamptz;
begin
    return query
        select v.metric, v.label, v.value::double precision
        from credits.figures f
        cross join lateral (
            values
            ('credits', 'balances', f.balances),
            ('credits', 'pools', f.pools),
            ('credits', 'reservations', f.reservations),
            ('credits', 'gifts', f.gifts),
            ('open_reservations', null, f.open_reservations),
            ('open_gifts', null, f.open_gifts),
            ('figures_age_seconds', null, extract(epoch from v_now - f.measured_at))
        ) as v (metric, label, value)
        where f.measured_at is not null;
    return query
        select
            'reconciliation_age_seconds'::text, r.scope,
            extract(epoch from v_now - (array_agg(r.finished_at order by r.id desc))[1])::double precision
        from credits.reconciliations r
        where r.clean
        group by r.scope
        union all
        select 'job_age_seconds', j.name, extract(epoch from v_now - j.done_at)::double precision
        from credits.job_claims j
        where j.done_at is not null;
    -- The first entry of an index each.
    v_due := least(
        (select min(r.expires_at) from credits.reservations r where r.status = 'held'),
        (select min(l.expires_at) from credits.lots l where l.remaining > 0),
        (select min(g.expires_at) from gifts.gift_codes g where g.status = 'active')
    );
    v_event := least(
        (
            select e.created_at
            from credits.events e
            where e.position > (select min(c.position) from credits.event_consumers c where c.lost_at is null)
            order by e.position
            limit 1
        ),
        (select min(o.created_at) from credits.outbox o)
    );
    v_erasure := least(
        (select min(r.requested_at) from credits.erasure_requests r where r.finished_at is null),
        (select min(d.created_at) from credits.stripe_customer_deletions d)
    );
    return query
        select v.metric, null::text, v.value::double precision
        from (
            values
            ('expiry_lag_seconds', greatest(0, extract(epoch from v_now - v_due))),
            ('erasure_lag_seconds', greatest(0, extract(epoch from v_now - v_erasure))),
            ('events_lag_seconds', greatest(0, extract(epoch from v_now - v_event))),
            ('lost_event_consumers', (select count(*) from credits.event_consumers c where c.lost_at is not null))
        ) as v (metric, value);
end
$$;

comment on function credits.get_metrics() is
'Lists gauges, one row each, at a cost that does not depend on how much there is. There are those that credits.measure
wrote down last, when the books were last found clean, and when each job of credits.claim_job was last done. Lags are
those of the oldest hold, dated credit or gift past its time, of the oldest erasure that is not finished here or at
Stripe, and of the oldest event for its slowest consumer. And there is how many consumers are lost.
Errors: none.
Idempotency: reads only.
Locks: none.';
