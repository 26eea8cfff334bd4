create or replace function credits.set_limits(p_user_id text, p_limits jsonb, p_caller text default null)
returns table (
    app_id text, daily_limit numeric, weekly_limit numeric, monthly_limit numeric,
    spent_today numeric, spent_this_week numeric, spent_this_month numeric,
    daily_remaining numeric, weekly_remaining numeric, monthly_remaining numeric,
    day_resets_at timestamptz, week_resets_at timestamptz, month_resets_at timestamptz
)
language plpgsql security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    v_most_apps constant integer := 100;
    v_per_app constant jsonb := case when jsonb_typeof(p_limits -> 'perApp') <> 'null' then p_limits -> 'perApp' end;
    v_app record;
begin
    perform credits._check_id('userId', p_user_id);
    if (jsonb_typeof(p_limits) = 'object') is not true then
        perform credits._refuse_invalid('limits', 'must be an object with daily, weekly, monthly or perApp');
    end if;
    if jsonb_typeof(v_per_app) <> 'object' then
        perform credits._refuse_invalid('perApp', 'must be an object of limits by app');
    end if;
    perform credits._lock_account(p_user_id, 'person', p_create => true);
    perform credits._set_limits_of(p_user_id, '', p_limits, 'limits');
    for v_app in select a.key, a.value from jsonb_each(v_per_app) a order by a.key loop
        perform credits._check_id('perApp', v_app.key);
        perform credits._set_limits_of(p_user_id, v_app.key, v_app.value, 'perApp.' || v_app.key);
    end loop;
    if (
        select count(*) from credits.spending_limits l where l.account_id = p_user_id and l.kind = 'person' and l.app_id <> ''
    ) > v_most_apps then
        perform credits._refuse_invalid('perApp', format('must be limits of at most %s apps', v_most_apps));
    end if;
    perform credits._check_cap('set_limits', null, 0, p_caller);
    return query select * from credits.get_limits(p_user_id);
end
$$;

comment on function credits.set_limits is
'Sets how much of their own credits a person may use and hold in a day, an ISO week and a month. The limits are for all apps together and for single ones. p_limits is {daily?, weekly?, monthly?, perApp?: {appId: {daily?, weekly?, monthly?}}}. An absent one stays, null removes it (an app''s null all of that app), 0 blocks. It holds from the next debit on, and what was spent in the window before counts; gifts and fundings do not count. Returns what credits.get_limits does. What was set when is kept in credits.rule_history.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature.
Locks: the user''s account, which is opened if need be.';
