create or replace function credits.list_usage(p_user_id text, p_from date default null, p_to date default null)
returns table (date date, app_id text, credits_used numeric, transactions_count bigint)
language plpgsql stable security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
declare
    v_to constant date := coalesce(p_to, (credits._now() at time zone 'UTC')::date);
    v_from constant date := coalesce(p_from, v_to - 30);
begin
    return query
    select s.date, s.app_id, s.credits_used, s.transactions_count
    from credits.usage_stats s
    where s.user_id = p_user_id and s.date >= v_from and s.date <= v_to
    order by s.date desc, s.app_id
    limit 10000;
end
$$;

comment on function credits.list_usage is
'What a user used by app and UTC day, from p_from to p_to, both included; by default the 31 days up to today; newest
first, at most 10000 rows.
Errors: none.
Idempotency: reads only.
Locks: none.';
