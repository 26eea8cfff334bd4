create or replace function credits._set_limits_of(p_user_id text, p_app_id text, p_limits jsonb, p_field text) returns void
language plpgsql
as $$
declare
    v_before credits.spending_limits;
begin
    if jsonb_typeof(p_limits) = 'null' then
        p_limits := '{"daily": null, "weekly": null, "monthly": null}';
    elsif (jsonb_typeof(p_limits) = 'object') is not true then
        perform credits._refuse_invalid(p_field, 'must be an object with daily, weekly or monthly');
    end if;
    select * into v_before
    from credits.spending_limits l
    where l.account_id = p_user_id and l.kind = 'person' and l.app_id = p_app_id;
    p_field := case when p_app_id <> '' then p_field || '.' else '' end;
    perform credits._write_limits(
        p_user_id, 'person', p_app_id,
        credits._limit_in(p_limits, 'daily', p_field || 'daily', v_before.daily_limit),
        credits._limit_in(p_limits, 'weekly', p_field || 'weekly', v_before.weekly_limit),
        credits._limit_in(p_limits, 'monthly', p_field || 'monthly', v_before.monthly_limit)
    );
end
$$;

comment on function credits._set_limits_of is
    'Sets a person''s own limits in one app, or in all (empty), from {daily, weekly, monthly}; null removes all three. p_field names the object in refusals (UC001). The caller has locked the account';
