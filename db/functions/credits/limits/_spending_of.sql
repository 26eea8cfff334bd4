create or replace function credits._spending_of(
    p_account_id text, p_kind credits.account_kind, p_user_id text, p_app_id text, p_day date, p_time_zone text,
    out running_day date, out today numeric, out this_week numeric, out this_month numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant date := least(credits._week(p_day), credits._month(p_day));
    -- Ids grow with the sequence whatever the clock did; no two zones are two days apart.
    v_sequence constant bigint := case p_kind when 'person' then credits._sequence_at(
        p_account_id, 'person', credits._id_floor((v_first - 2)::timestamp at time zone 'UTC')
    ) end;
begin
    with moved as materialized (
        select
            e.id, e.type, e.reference_id, e.app_id, coalesce(b.available - b.debt, 0) - e.available + e.debt as amount,
            coalesce(e.spending_day, (e.created_at at time zone p_time_zone)::date) as day
        from (
            select *
            from credits.entries p
            where p.account_id = p_account_id and p.kind = 'person' and p.sequence > v_sequence and p_kind = 'person'
            union all
            select *
            from credits.entries m
            where m.account_id = p_account_id and m.kind = 'pool' and m.other_id = p_user_id and p_kind = 'pool'
        ) e
        left join credits.entries b on b.account_id = p_account_id and b.kind = p_kind and b.sequence = e.sequence - 1
        where e.type in ('usage', 'hold', 'release') or (e.type = 'refund' and e.reversal)
    )
    select
        p_day,
        coalesce(sum(m.amount) filter (where m.day = p_day), 0),
        coalesce(sum(m.amount) filter (where credits._week(m.day) = credits._week(p_day)), 0),
        coalesce(sum(m.amount) filter (where credits._month(m.day) = credits._month(p_day)), 0)
    into running_day, today, this_week, this_month
    from moved m
    -- A refund counts for the app of its usage.
    left join moved u on u.id::text = m.reference_id and u.type = 'usage' and m.type = 'refund'
    where p_app_id in ('', coalesce(u.app_id, m.app_id));
end
$$;

comment on function credits._spending_of is
'Adds up what a person used or holds on a day, in its week and its month. It is of a pool, or of their own credits, in
one app or in all (empty). Usages, holds, releases and refunds count, by what they took of the available balance.
p_time_zone cuts the days of entries that do not say theirs. No row type, on which the views that call it would hang';
