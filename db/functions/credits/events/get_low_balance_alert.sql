create or replace function credits.get_low_balance_alert(p_user_id text default null, p_organization_id text default null)
returns table (low_balance_at numeric, is_low boolean)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    if (p_user_id is null) = (p_organization_id is null) then
        perform credits._refuse_invalid('userId', 'must be given, or organizationId in its place');
    end if;
    if p_organization_id is null then
        return query
            select trim_scale(b.low_balance_at), coalesce(b.balance + b.reserved <= b.low_balance_at, false)
            from (select) as always
            left join credits.balances b on b.user_id = p_user_id;
    else
        return query
            select trim_scale(p.low_balance_at), coalesce(p.balance + p.reserved <= p.low_balance_at, false)
            from credits.guild_pools p
            where p.organization_id = p_organization_id;
        if not found then
            perform credits._refuse_unknown_pool(p_organization_id);
        end if;
    end if;
end
$$;

comment on function credits.get_low_balance_alert(text, text) is
'At what balance of a user, or of a guild''s pool, the event balance.low is written, and whether it is that low; null is never.
Errors: UC001 invalid_request, UC005 guild_pool_not_found.
Idempotency: reads only.
Locks: none.';
