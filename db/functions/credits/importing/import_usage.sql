create or replace function credits.import_usage(p_organization_id text, p_user_id text, p_day date, p_amount numeric)
returns boolean
language plpgsql
as $$
begin
    perform credits._lock_account(p_organization_id, 'pool');
    perform credits._post(
        p_organization_id, 'pool', 'usage', -trim_scale(p_amount), 0, 'Used before the opening',
        p_other_id => p_user_id, p_spending_day => p_day
    );
    return true;
end
$$;

comment on function credits.import_usage is
'Brings what a member used of a pool on a day at the predecessor, by an entry without an app. So it counts towards the
limits of that day and month. Its credits are part of what import_account brought.
Errors: UC005 guild_pool_not_found, UC002 insufficient_credits.
Idempotency: none; the caller does so for a pool that it has just brought.
Locks: the pool.';
