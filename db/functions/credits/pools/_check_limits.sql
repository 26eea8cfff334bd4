create or replace function credits._check_limits(p_organization_id text, p_user_id text, p_day date, p_amount numeric)
returns void
language plpgsql
as $$
declare
    v record;
begin
    if not exists (
        select from credits.guild_spending_limits l
        where l.organization_id = p_organization_id and l.user_id = p_user_id
    ) then
        return;
    end if;
    select * into v from credits._spending_windows(p_organization_id, p_user_id, p_day);
    if v.spent_today > v.daily_limit then
        perform credits._refuse_over_limit('daily', v.daily_limit, v.spent_today - p_amount, p_amount, v.day_resets_at);
    end if;
    if v.spent_this_month > v.monthly_limit then
        perform credits._refuse_over_limit(
            'monthly', v.monthly_limit, v.spent_this_month - p_amount, p_amount, v.month_resets_at
        );
    end if;
end
$$;

comment on function credits._check_limits(text, text, date, numeric) is
    'Raises UC003 when p_amount, which has just been counted, has taken a member over the daily, then the monthly limit. The caller holds the lock of the pool';
