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
    v_per_app jsonb := p_limits -> 'perApp';
    v_app record;
begin
    perform credits._check_id('userId', p_user_id);
    if jsonb_typeof(v_per_app) not in ('object', 'null') then
        perform credits._refuse_invalid('perApp', 'must be an object of limits by app');
    end if;
    -- Before anything is written. All that there are may go in the call that brings as many others.
    if jsonb_typeof(v_per_app) = 'object' and (select count(*) from jsonb_object_keys(v_per_app)) > 2 * v_most_apps then
        perform credits._refuse_invalid('perApp', format('must name at most %s apps', 2 * v_most_apps));
    end if;
    perform credits._lock_account(p_user_id, 'person', p_create => true);
    if jsonb_typeof(v_per_app) = 'null' then
        select jsonb_object_agg(l.app_id, null) into v_per_app
        from credits.spending_limits l
        where l.account_id = p_user_id and l.kind = 'person' and l.app_id <> '';
    end if;
    for v_app in
        select '' as id, p_limits as limits, 'limits' as field, '' as path
        union all
        select
            a.key, case a.value when 'null' then '{"daily": null, "weekly": null, "monthly": null}' else a.value end,
            'perApp.' || a.key, 'perApp.' || a.key || '.'
        from jsonb_each(v_per_app) a
        order by field
    loop
        if v_app.path <> '' then
            perform credits._check_id('perApp', v_app.id);
        end if;
        if (jsonb_typeof(v_app.limits) = 'object') is not true then
            perform credits._refuse_invalid(v_app.field, 'must be an object with daily, weekly or monthly');
        end if;
        perform credits._write_limits(
            p_user_id, 'person', v_app.id, credits._limit_changes(v_app.limits, '{t,t,t}', v_app.path)
        );
    end loop;
    if (
        select count(*)
        from credits.spending_limits l
        where l.account_id = p_user_id and l.kind = 'person' and l.app_id <> ''
    ) > v_most_apps then
        perform credits._refuse_invalid('perApp', format('must be limits of at most %s apps', v_most_apps));
    end if;
    perform credits._check_cap('set_limits', null, 0, p_caller);
    return query select * from credits.get_limits(p_user_id);
end
$$;

comment on function credits.set_limits is
'Sets how much of their own credits a person may use and hold in a day, an ISO week and a month. The limits are for all
apps together and for single ones. p_limits is {daily?, weekly?, monthly?, perApp?: {appId: {daily?, weekly?,
monthly?}}}. What is absent stays, and 0 blocks. Null removes: a limit, all of an app, or as perApp those of all apps.
They hold from the next debit on, and what was spent in the window before counts; gifts and fundings do not count.
Returns what credits.get_limits does. What was set when is kept in credits.rule_history.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature.
Locks: the user''s account, which is opened if need be.';
