create or replace function credits._passes_at(
    p_refusal text, p_user_id text, p_amount numeric, p_guild_id text, p_details jsonb
) returns timestamptz
language plpgsql stable
as $$
declare
    v_from timestamptz := credits._now();
begin
    if p_refusal = 'UC005' then
        return null;
    end if;
    if p_refusal = 'UC016' then
        if p_details ->> 'cap' <> 'max_amount_per_day' or p_amount > (p_details ->> 'limit')::numeric then
            return null;
        end if;
        v_from := (p_details ->> 'resetsAt')::timestamptz;
    end if;
    if p_guild_id is null then
        return credits._funded_at(p_user_id, p_amount, v_from);
    end if;
    return credits._guild_funded_at(p_guild_id, p_user_id, p_amount, v_from);
end
$$;

comment on function credits._passes_at(text, text, numeric, text, jsonb) is
    'The earliest time at which a debit that is refused now would pass if nothing else happened: caps and windows that begin anew, holds that run out; '
    'null when time alone does not help';
