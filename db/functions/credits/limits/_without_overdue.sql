create or replace function credits._without_overdue(
    p_spent credits.spending, p_account_id text, p_kind credits.account_kind, p_user_id text, p_app_id text, p_day date
) returns credits.spending
language plpgsql stable
as $$
declare
    v_hold record;
begin
    for v_hold in
        select r.spending_day, r.amount
        from credits.reservations r
        where r.account_id = p_account_id
            and r.kind = p_kind
            and r.user_id = p_user_id
            and r.status = 'held'
            and r.expires_at <= credits._now()
            and p_app_id in ('', r.app_id)
    loop
        select * into p_spent from credits._roll_on(p_spent, p_day, v_hold.spending_day, -v_hold.amount);
    end loop;
    return p_spent;
end
$$;

comment on function credits._without_overdue is
'What was spent in the windows of p_day without holds that are over, though nobody has written it: of an account, by a
person, for an app or (empty) for all';
