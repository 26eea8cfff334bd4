create or replace function credits._limits_of_member(
    p_organization_id text,
    p_user_id text,
    p_at timestamptz,
    out scopes text[],
    out daily_limit numeric,
    out weekly_limit numeric,
    out monthly_limit numeric
)
language plpgsql stable
as $$
declare
    v_own credits.guild_spending_limits;
    v_default record;
begin
    select * into v_own
    from credits.guild_spending_limits m
    where m.organization_id = p_organization_id and m.user_id = p_user_id;
    select d.daily_limit, d.weekly_limit, d.monthly_limit into v_default
    from credits.spending_limits d
    where d.account_id = p_organization_id and d.kind = 'pool' and d.app_id = '';
    if v_own.until is not null then
        v_own := credits._limits_then(v_own, p_at);
    end if;
    if v_own.unlimited then
        return;
    end if;
    daily_limit := coalesce(v_own.daily_limit, v_default.daily_limit);
    weekly_limit := coalesce(v_own.weekly_limit, v_default.weekly_limit);
    monthly_limit := coalesce(v_own.monthly_limit, v_default.monthly_limit);
    if coalesce(daily_limit, weekly_limit, monthly_limit) is not null then
        scopes := array[
            case when v_own.daily_limit is null then 'default' else 'member' end,
            case when v_own.weekly_limit is null then 'default' else 'member' end,
            case when v_own.monthly_limit is null then 'default' else 'member' end
        ];
    end if;
end
$$;

comment on function credits._limits_of_member is
'The limits that hold for a member of a pool at a moment: their own, and for windows without one those of the pool for
all members; all null where none does';
