create or replace function credits._passes_limits_at(
    p_account_id text,
    p_kind credits.account_kind,
    p_user_id text,
    p_app_id text,
    p_amount numeric,
    p_limits numeric[],
    p_spent numeric[],
    p_resets_at timestamptz[]
) returns timestamptz
language plpgsql stable
as $$
declare
    v_day constant date := credits._limits_day();
    v_now constant timestamptz := credits._now();
    v_at timestamptz;
begin
    select
        max(case
            when (w.spent + p_amount > w.most) is not true then '-infinity'
            when p_amount > w.most then 'infinity'
            else least(w.resets_at, (
                select min(h.at)
                from (
                    select r.expires_at as at, sum(r.amount) over (order by r.expires_at) as freed
                    from credits.reservations r
                    where r.account_id = p_account_id
                        and r.kind = p_kind
                        and r.user_id = p_user_id
                        and r.status = 'held'
                        and r.expires_at > v_now
                        and r.spending_day >= w.first
                        and p_app_id in ('', r.app_id)
                ) h
                where h.freed >= w.spent + p_amount - w.most
            ))
        end)
    into v_at
    from unnest(array[v_day, credits._week(v_day), credits._month(v_day)], p_limits, p_spent, p_resets_at) as w (first, most, spent, resets_at);
    return v_at;
end
$$;

comment on function credits._passes_limits_at(
    text, credits.account_kind, text, text, numeric, numeric[], numeric[], timestamptz[]
) is
    'The moment at which limits of a day, a week and a month leave p_amount if nothing else happens. Then enough '
    'holds have ended, or the next window begins. -infinity where they do now, infinity where they never do';
