create or replace function credits._spending_of(
    p_user_id text, p_app_id text, p_day date, p_time_zone text,
    out running_day date, out today numeric, out this_week numeric, out this_month numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := least(credits._week(p_day), credits._month(p_day));
    -- Ids grow with the sequence whatever the clock did; no two zones are two days apart.
    v_sequence constant bigint := credits._sequence_at(
        p_user_id, 'person', credits._id_floor((v_first - 2)::timestamp at time zone 'UTC')
    );
begin
    with moved as materialized (
        select
            e.sequence, e.id, e.type, e.reversal, e.reference_id, e.app_id, -e.amount as amount, e.reserved,
            coalesce(e.spending_day, (e.created_at at time zone p_time_zone)::date) as day
        from credits.entries e
        where e.account_id = p_user_id and e.kind = 'person' and e.sequence > v_sequence
            and (e.type in ('usage', 'refund') or (e.type = 'hold' and e.ends_at is null))
    )
    select
        p_day,
        coalesce(sum(s.amount) filter (where s.day = p_day), 0),
        coalesce(sum(s.amount) filter (where credits._week(s.day) = credits._week(p_day)), 0),
        coalesce(sum(s.amount) filter (where credits._month(s.day) = credits._month(p_day)), 0)
    into running_day, today, this_week, this_month
    from (
        select m.day, m.amount from moved m where m.type = 'usage' and p_app_id in ('', m.app_id)
        union all
        select m.day, m.amount
        from moved m
        join moved u on u.id::text = m.reference_id and u.type = 'usage' and p_app_id in ('', u.app_id)
        where m.type = 'refund' and m.reversal
        union all
        -- What went beyond a hold of an earlier day was held on its own day, and is in the usage of the hold's.
        select c.day, c.amount
        from moved m
        join credits.entries b on b.account_id = p_user_id and b.kind = 'person' and b.sequence = m.sequence - 1
        join credits.entries u on u.account_id = p_user_id and u.kind = 'person' and u.sequence = m.sequence + 1
        cross join lateral (values (m.day, m.reserved - b.reserved), (u.spending_day, b.reserved - m.reserved)) as c (day, amount)
        where m.type = 'hold' and p_app_id in ('', m.app_id)
        union all
        select r.spending_day, r.amount
        from credits.reservations r
        where r.account_id = p_user_id and r.kind = 'person' and r.status = 'held' and p_app_id in ('', r.app_id)
    ) s;
end
$$;

comment on function credits._spending_of is
'Adds up from entries and holds what a person used, or holds, of their own credits on a day, in its week and its month.
In one app or in all (empty). p_time_zone cuts the days of entries that do not say theirs. No row type, on which the
views that call it would hang';
