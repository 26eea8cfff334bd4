create or replace function credits._limits_of_member(p_organization_id text, p_user_id text, p_at timestamptz)
returns table (scopes text[], daily_limit numeric, weekly_limit numeric, monthly_limit numeric)
language plpgsql stable
rows 1
as $$
begin
    return query
    select
        array[
            case when m.daily_limit is null then 'default' else 'member' end,
            case when m.weekly_limit is null then 'default' else 'member' end,
            case when m.monthly_limit is null then 'default' else 'member' end
        ],
        coalesce(m.daily_limit, d.daily_limit), coalesce(m.weekly_limit, d.weekly_limit), coalesce(m.monthly_limit, d.monthly_limit)
    from (select) one
    left join credits.guild_spending_limits m
        on m.organization_id = p_organization_id and m.user_id = p_user_id and (m.until is null or m.until > p_at)
    left join credits.spending_limits d on d.account_id = p_organization_id and d.kind = 'pool' and d.app_id = ''
    where (m.user_id is not null or d.account_id is not null) and m.unlimited is not true;
end
$$;

comment on function credits._limits_of_member(text, text, timestamptz) is
    'The limits that hold for a member of a pool at a moment: their own, and for windows without one those of the pool for all members; no row where none does';
