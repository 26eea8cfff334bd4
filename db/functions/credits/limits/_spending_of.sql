create or replace function credits._spending_of(
    p_account_id text, p_kind credits.account_kind, p_user_id text, p_app_id text, p_day date, p_time_zone text,
    out running_day date, out today numeric, out this_week numeric, out this_month numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select p_day, coalesce(sum(s.today), 0), coalesce(sum(s.this_week), 0), coalesce(sum(s.this_month), 0)
    into running_day, today, this_week, this_month
    from credits._spending_by_app(p_account_id, p_kind, p_user_id, p_day, p_time_zone) s
    where s.app_id = p_app_id;
end
$$;

comment on function credits._spending_of is
'What credits._spending_by_app adds up, in one app or in all (empty). No row type, on which the views that call it would
hang';
