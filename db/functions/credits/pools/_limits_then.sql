create or replace function credits._limits_then(p_limits credits.guild_spending_limits, p_at timestamptz)
returns credits.guild_spending_limits
language plpgsql immutable
as $$
begin
    if p_limits.until <= p_at then
        p_limits.daily_limit := p_limits.later_daily_limit;
        p_limits.weekly_limit := p_limits.later_weekly_limit;
        p_limits.monthly_limit := p_limits.later_monthly_limit;
        p_limits.unlimited := p_limits.later_unlimited;
        p_limits.until := null;
    end if;
    return p_limits;
end
$$;

comment on function credits._limits_then is
    'A member''s own limits at a moment: those from before, where the others have ended';
