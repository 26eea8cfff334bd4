create or replace function credits.get_spending(p_organization_id text, p_user_id text)
returns table (
    spent_today numeric, spent_this_month numeric, daily_limit numeric, monthly_limit numeric,
    daily_remaining numeric, monthly_remaining numeric, day_resets_at timestamptz, month_resets_at timestamptz,
    spent_this_week numeric, weekly_limit numeric, weekly_remaining numeric, week_resets_at timestamptz
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        w.spent[1], w.spent[3], w.most[1], w.most[3], credits._left_of(w.most[1], w.spent[1]),
        credits._left_of(w.most[3], w.spent[3]), w.resets_at[1], w.resets_at[3],
        w.spent[2], w.most[2], credits._left_of(w.most[2], w.spent[2]), w.resets_at[2]
    from credits._windows_of(p_organization_id, 'pool', p_user_id) w;
end
$$;

comment on function credits.get_spending is
'What a member has spent of a pool today, in this ISO week and this month. Beside it the limits that hold for them,
their own or the pool''s for all members, and what these leave; null where there is none. After a clock or a zone that
went back, what counts for a later day of the month is in the month already.
Errors: none.
Idempotency: reads only.
Locks: none.';
