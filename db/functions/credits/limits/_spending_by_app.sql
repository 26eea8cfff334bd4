create or replace function credits._spending_by_app(
    p_account_id text, p_kind credits.account_kind, p_user_id text, p_day date, p_time_zone text
) returns table (app_id text, today numeric, this_week numeric, this_month numeric)
language plpgsql stable
rows 10
as $$
#variable_conflict use_column
declare
    v_first constant date := least(credits._week(p_day), credits._month(p_day));
    -- Ids grow with the sequence whatever the clock did; no two zones are two days apart.
    v_sequence constant bigint := credits._sequence_at(
        p_account_id, p_kind, credits._id_floor((v_first - 2)::timestamp at time zone 'UTC')
    );
begin
    return query
    with moved as materialized (
        select
            e.id, e.type, e.reference_id, e.app_id,
            coalesce(e.spending_day, (e.created_at at time zone p_time_zone)::date) as day,
            -- A look-up, since a join of so few would not look for the sequence.
            coalesce((
                select b.available - b.debt
                from credits.entries b
                where b.account_id = p_account_id and b.kind = p_kind and b.sequence = e.sequence - 1
            ), 0) - e.available + e.debt as amount
        from (
            select *
            from credits.entries p
            where p_kind = 'person' and p.account_id = p_account_id and p.kind = 'person' and p.sequence > v_sequence
            union all
            select *
            from credits.entries m
            where p_kind = 'pool' and m.account_id = p_account_id and m.kind = 'pool' and m.sequence > v_sequence
                and m.other_id = p_user_id
        ) e
        where e.type in ('usage', 'hold', 'release') or (e.type = 'refund' and e.reversal)
    )
    select
        case grouping(s.app_id) when 1 then '' else s.app_id end,
        coalesce(sum(s.amount) filter (where s.day = p_day), 0),
        coalesce(sum(s.amount) filter (where credits._week(s.day) = credits._week(p_day)), 0),
        coalesce(sum(s.amount) filter (where credits._month(s.day) = credits._month(p_day)), 0)
    from (
        -- A refund counts for the app of its usage.
        select m.day, m.amount, case m.type when 'refund' then u.app_id else m.app_id end as app_id
        from moved m
        left join moved u on m.type = 'refund' and u.id::text = m.reference_id
    ) s
    group by grouping sets ((), (s.app_id));
end
$$;

comment on function credits._spending_by_app is
'Adds up what a person used or holds on a day, in its week and its month. It is of a pool, or of their own credits: of
all apps together (app_id empty), and of each that there is. Usages, holds, releases and refunds count, by what they
took of the available balance. p_time_zone cuts the days of entries that do not say theirs';
