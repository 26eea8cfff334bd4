create or replace function credits._own_spending(
    p_user_id text,
    p_app_id text,
    p_day date,
    out running_day date,
    out today numeric,
    out this_week numeric,
    out this_month numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_zone constant text := (select s.limits_time_zone from credits.settings s);
    v_first constant date := least(credits._week(p_day), credits._month(p_day));
    v_sequence constant bigint := coalesce(credits._sequence_by(p_user_id, 'person', v_first::timestamp at time zone v_zone), 0);
begin
    select
        p_day,
        coalesce(sum(s.amount) filter (where s.day = p_day), 0),
        coalesce(sum(s.amount) filter (where credits._week(s.day) = credits._week(p_day)), 0),
        coalesce(sum(s.amount) filter (where credits._month(s.day) = credits._month(p_day)), 0)
    into running_day, today, this_week, this_month
    from (
        select coalesce(e.spending_day, (e.created_at at time zone v_zone)::date) as day, -e.amount as amount
        from credits.entries e
        where e.account_id = p_user_id and e.kind = 'person' and e.sequence > v_sequence and e.type = 'usage' and p_app_id in ('', e.app_id)
        union all
        select e.spending_day, -e.amount
        from credits.entries e
        where e.account_id = p_user_id
            and e.kind = 'person'
            and e.sequence > v_sequence
            and e.type = 'refund'
            and e.reversal
            and (p_app_id = '' or p_app_id = (
                select u.app_id from credits.entries u
                where u.account_id = p_user_id and u.kind = 'person' and u.id = e.reference_id::uuid
            ))
        union all
        select r.spending_day, r.amount
        from credits.reservations r
        where r.account_id = p_user_id and r.kind = 'person' and r.status = 'held' and p_app_id in ('', r.app_id)
    ) s;
end
$$;

comment on function credits._own_spending(text, text, date) is
    'What a person used, or holds, of their own credits on a day, in its week and in its month, in one app or in all (empty), added up from entries and holds';
