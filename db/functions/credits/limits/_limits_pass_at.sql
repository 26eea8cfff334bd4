create or replace function credits._limits_pass_at(
    p_account_id text, p_kind credits.account_kind, p_user_id text, p_app_id text, p_amount numeric, p_from timestamptz
) returns timestamptz
language plpgsql stable
as $$
declare
    v_day constant date := credits._limits_day();
    v_now constant timestamptz := credits._now();
    -- Without any, what was spent is not added up for nothing.
    v_limited constant boolean := p_kind = 'person'
        and exists (select from credits.spending_limits o where o.account_id = p_user_id and o.kind = 'person');
    v_limits record;
    v_at timestamptz := '-infinity';
begin
    for v_limits in
        select
            l.app_id, array[l.daily_limit, l.weekly_limit, l.monthly_limit] as most,
            array[l.spent_today, l.spent_this_week, l.spent_this_month] as spent,
            array[l.day_resets_at, l.week_resets_at, l.month_resets_at] as resets_at
        from credits.get_limits(p_user_id) l
        where v_limited and coalesce(l.app_id, p_app_id) = p_app_id
        union all
        select
            null, array[m.daily_limit, m.weekly_limit, m.monthly_limit],
            array[s.spent_today, s.spent_this_week, s.spent_this_month],
            array[s.day_resets_at, s.week_resets_at, s.month_resets_at]
        from credits.get_spending(p_account_id, p_user_id) s
        cross join credits._limits_of_member(p_account_id, p_user_id, p_from) m
        where p_kind = 'pool'
    loop
        select
            greatest(v_at, max(case
                when (w.spent + p_amount > w.most) is not true then '-infinity'
                when p_amount > w.most then 'infinity'
                else least(w.resets_at, (
                    select min(h.at)
                    from (
                        select r.expires_at as at, sum(r.amount) over (order by r.expires_at) as freed
                        from credits.reservations r
                        where r.account_id = p_account_id
                            and r.kind = p_kind
                            and r.user_id = p_user_id
                            and r.status = 'held'
                            and r.expires_at > v_now
                            and r.spending_day >= w.first
                            and (v_limits.app_id is null or r.app_id = v_limits.app_id)
                    ) h
                    where h.freed >= w.spent + p_amount - w.most
                ))
            end))
        into v_at
        from unnest(
            array[v_day, credits._week(v_day), credits._month(v_day)], v_limits.most, v_limits.spent, v_limits.resets_at
        ) as w (first, most, spent, resets_at);
    end loop;
    return v_at;
end
$$;

comment on function credits._limits_pass_at is
'The time at which the limits of a person, or those of a pool''s member at p_from, leave p_amount: a window ends, or
holds end. It is infinite when they never do, and in the infinite past when they do already';
