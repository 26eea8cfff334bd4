create or replace function credits._limits_of_member(p_organization_id text, p_user_id text, p_at timestamptz)
returns table (scopes text[], daily_limit numeric, weekly_limit numeric, monthly_limit numeric)
language plpgsql stable
rows 1
as $$
declare
    v_row record;
    v_own credits.guild_spending_limits;
begin
    select m as own, d.daily_limit, d.weekly_limit, d.monthly_limit into v_row
    from (select) one
    left join credits.guild_spending_limits m on m.organization_id = p_organization_id and m.user_id = p_user_id
    left join credits.spending_limits d on d.account_id = p_organization_id and d.kind = 'pool' and d.app_id = '';
    v_own := credits._limits_then(v_row.own, p_at);
    daily_limit := coalesce(v_own.daily_limit, v_row.daily_limit);
    weekly_limit := coalesce(v_own.weekly_limit, v_row.weekly_limit);
    monthly_limit := coalesce(v_own.monthly_limit, v_row.monthly_limit);
    if v_own.unlimited is not true and coalesce(daily_limit, weekly_limit, monthly_limit) is not null then
        scopes := array[
            case when v_own.daily_limit is null then 'default' else 'member' end,
            case when v_own.weekly_limit is null then 'default' else 'member' end,
            case when v_own.monthly_limit is null then 'default' else 'member' end
        ];
        return next;
    end if;
end
$$;

comment on function credits._limits_of_member is
    'The limits that hold for a member of a pool at a moment: their own, and for windows without one those of the pool for all members; no row where none does';
