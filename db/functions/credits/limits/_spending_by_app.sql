create or replace function credits._spending_by_app(p_user_id text, p_day date, p_time_zone text)
returns table (app_id text, today numeric, this_week numeric, this_month numeric)
language plpgsql stable
rows 10
as $$
#variable_conflict use_column
declare
    v_first constant date := least(credits._week(p_day), credits._month(p_day));
    -- Ids grow with the sequence whatever the clock did; no two zones are two days apart.
    v_sequence constant bigint := credits._sequence_at(
        p_user_id, 'person', credits._id_floor((v_first - 2)::timestamp at time zone 'UTC')
    );
begin
    return query
    with moved as materialized (
        select
            e.sequence, e.id, e.type, e.reversal, e.reference_id, e.app_id, -e.amount as amount, e.reserved,
            coalesce(e.spending_day, (e.created_at at time zone p_time_zone)::date) as day
        from credits.entries e
        where e.account_id = p_user_id and e.kind = 'person' and e.sequence > v_sequence
            and (e.type in ('usage', 'refund') or (e.type = 'hold' and e.ends_at is null))
    )
    select
        case grouping(s.app_id) when 1 then '' else s.app_id end,
        coalesce(sum(s.amount) filter (where s.day = p_day), 0),
        coalesce(sum(s.amount) filter (where credits._week(s.day) = credits._week(p_day)), 0),
        coalesce(sum(s.amount) filter (where credits._month(s.day) = credits._month(p_day)), 0)
    from (
        select m.app_id, m.day, m.amount from moved m where m.type = 'usage'
        union all
        select u.app_id, m.day, m.amount
        from moved m
        join moved u on u.id::text = m.reference_id and u.type = 'usage'
        where m.type = 'refund' and m.reversal
        union all
        -- What went beyond a hold of an earlier day was held on its own day, and is in the usage of the hold's.
        select m.app_id, c.day, c.amount
        from moved m
        join credits.entries b on b.account_id = p_user_id and b.kind = 'person' and b.sequence = m.sequence - 1
        join credits.entries u on u.account_id = p_user_id and u.kind = 'person' and u.sequence = m.sequence + 1
        cross join lateral (values (m.day, m.reserved - b.reserved), (u.spending_day, b.reserved - m.reserved)) as c (day, amount)
        where m.type = 'hold'
        union all
        select r.app_id, r.spending_day, r.amount
        from credits.reservations r
        where r.account_id = p_user_id and r.kind = 'person' and r.status = 'held'
    ) s
    group by grouping sets ((), (s.app_id));
end
$$;

comment on function credits._spending_by_app is
'Adds up from entries and holds what a person used, or holds, of their own credits on a day, in its week and its month: in
all apps together (app_id empty), and in each that there is. p_time_zone cuts the days of entries that do not say theirs.';
