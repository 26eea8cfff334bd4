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
    v_sequence constant bigint := credits._sequence_at(
        p_account_id, p_kind, credits._id_floor((v_first - 2)::timestamp at time zone 'UTC')
    );
begin
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
        p_day,
        coalesce(sum(m.amount) filter (where m.day = p_day), 0),
        coalesce(sum(m.amount) filter (where credits._week(m.day) = credits._week(p_day)), 0),
        coalesce(sum(m.amount) filter (where credits._month(m.day) = credits._month(p_day)), 0)
    into running_day, today, this_week, this_month
    from moved m
    where p_app_id = '' or p_app_id = case m.type
        -- A refund counts for the app of its usage.
        when 'refund' then (select u.app_id from moved u where u.id::text = m.reference_id)
        else m.app_id
    end;
end
$$;

comment on function credits._spending_of is
'Adds up what a person used or holds on a day, in its week and its month. It is of a pool, or of their own credits, in
one app or in all (empty). Usages, holds, releases and refunds count, by what they took of the available balance.
p_time_zone cuts the days of entries that do not say theirs. No row type, on which the views that call it would hang';
