create or replace function credits._overdue_holds(
    p_account_id text, p_kind credits.account_kind, p_user_id text, p_app_id text, p_day date
) returns credits.spending
language plpgsql stable
as $$
declare
    v_overdue credits.spending;
begin
    select
        p_day,
        coalesce(sum(r.amount) filter (where r.spending_day = p_day), 0),
        coalesce(sum(r.amount) filter (where credits._week(r.spending_day) = credits._week(p_day)), 0),
        coalesce(sum(r.amount) filter (where credits._month(r.spending_day) = credits._month(p_day)), 0)
    into v_overdue
    from credits.reservations r
    where r.account_id = p_account_id
        and r.kind = p_kind
        and r.user_id = p_user_id
        and r.status = 'held'
        and r.expires_at <= credits._now()
        and p_app_id in ('', r.app_id);
    return v_overdue;
end
$$;

comment on function credits._overdue_holds is
    'The part of the amounts of a day, week and month that is held past its time, in one app or in all (empty). It '
    'counts only until somebody writes that down';
