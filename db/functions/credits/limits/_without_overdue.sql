create or replace function credits._without_overdue(
    p_spent credits.spending, p_account_id text, p_kind credits.account_kind, p_user_id text, p_app_id text, p_day date
) returns credits.spending
language plpgsql stable
as $$
declare
    v_spent credits.spending;
begin
    select
        p_day,
        p_spent.today - coalesce(sum(r.amount) filter (where r.spending_day = p_day), 0),
        p_spent.this_week
        - coalesce(sum(r.amount) filter (where credits._week(r.spending_day) = credits._week(p_day)), 0),
        p_spent.this_month
        - coalesce(sum(r.amount) filter (where credits._month(r.spending_day) = credits._month(p_day)), 0)
    into v_spent
    from credits.reservations r
    where r.account_id = p_account_id
        and r.kind = p_kind
        and r.user_id = p_user_id
        and r.status = 'held'
        and r.expires_at <= credits._now()
        and p_app_id in ('', r.app_id);
    return v_spent;
end
$$;

comment on function credits._without_overdue is
'What was spent in the windows of p_day without holds that are over, though nobody has written it: of an account, by a
person, for an app or (empty) for all';
