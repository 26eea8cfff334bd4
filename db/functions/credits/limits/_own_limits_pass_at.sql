create or replace function credits._own_limits_pass_at(p_user_id text, p_app_id text, p_amount numeric) returns timestamptz
language plpgsql stable
as $$
declare
    v_limits record;
    v_at timestamptz := '-infinity';
begin
    -- Without any, what was spent is not added up for nothing.
    if not exists (select from credits.spending_limits l where l.account_id = p_user_id and l.kind = 'person') then
        return v_at;
    end if;
    for v_limits in select * from credits.get_limits(p_user_id) l where coalesce(l.app_id, p_app_id) = p_app_id loop
        v_at := greatest(v_at, credits._passes_limits_at(
            p_user_id, 'person', p_user_id, coalesce(v_limits.app_id, ''), p_amount,
            array[v_limits.daily_limit, v_limits.weekly_limit, v_limits.monthly_limit],
            array[v_limits.spent_today, v_limits.spent_this_week, v_limits.spent_this_month],
            array[v_limits.day_resets_at, v_limits.week_resets_at, v_limits.month_resets_at]
        ));
    end loop;
    return v_at;
end
$$;

comment on function credits._own_limits_pass_at(text, text, numeric) is
    'The moment at which a person''s own limits leave p_amount for an app if nothing else happens. -infinity where '
    'they do now, infinity where they never do';
