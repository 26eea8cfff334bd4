create or replace function credits.get_spending_limits(p_organization_id text, p_user_id text)
returns table (daily_limit numeric, monthly_limit numeric)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    select l.daily_limit, l.monthly_limit into daily_limit, monthly_limit
    from credits.guild_spending_limits l
    where l.organization_id = p_organization_id and l.user_id = p_user_id;
    return next;
end
$$;

comment on function credits.get_spending_limits(text, text) is
'The limits of a member of a guild; null means none.
Errors: none.
Idempotency: reads only.
Locks: none.';
