create or replace function credits.get_spending_limits(p_organization_id text, p_user_id text)
returns table (daily_limit numeric, monthly_limit numeric, weekly_limit numeric, unlimited boolean, until timestamptz)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_row credits.guild_spending_limits;
begin
    select * into v_row
    from credits.guild_spending_limits l
    where l.organization_id = p_organization_id and l.user_id = p_user_id;
    if not found and credits._is_blocked_again(p_organization_id, p_user_id) then
        v_row.daily_limit := 0;
    end if;
    v_row := credits._limits_then(v_row, credits._now());
    return query select
        v_row.daily_limit, v_row.monthly_limit, v_row.weekly_limit, coalesce(v_row.unlimited, false), v_row.until;
end
$$;

comment on function credits.get_spending_limits is
'The limits that a member of a guild has of their own; null means none, so that the pool''s for all members holds. With
unlimited none holds. until is when they end by themselves, and those from before hold again.
Errors: none.
Idempotency: reads only.
Locks: none.';
