create or replace function credits._limits_pass_at(
    p_account_id text, p_kind credits.account_kind, p_user_id text, p_app_id text, p_amount numeric, p_from timestamptz
) returns timestamptz
language plpgsql stable
as $$
declare
    v_day constant date := credits._limits_day();
    v_now constant timestamptz := credits._now();
    v_limits record;
    v_at timestamptz := '-infinity';
begin
    -- Without any, what was spent is not added up for nothing.
    if p_kind = 'person'
        and not exists (select from credits.spending_limits o where o.account_id = p_user_id and o.kind = 'person')
    then
        return v_at;
    end if;
    for v_limits in
        select w.app_id, w.most, w.spent, w.resets_at
        from credits._windows_of(p_account_id, p_kind, p_user_id, p_from) w
        where coalesce(w.app_id, p_app_id) = p_app_id
    loop
        select
            greatest(v_at, max(case
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
                            and (v_limits.app_id is null or r.app_id = v_limits.app_id)
                    ) h
                    where h.freed >= w.spent + p_amount - w.most
                ))
            end))
        into v_at
        from unnest(
            array[v_day, credits._week(v_day), credits._month(v_day)], v_limits.most, v_limits.spent, v_limits.resets_at
        ) as w (first, most, spent, resets_at);
    end loop;
    return v_at;
end
$$;

comment on function credits._limits_pass_at is
'The time at which the limits of a person, or those of a pool''s member at p_from, leave p_amount, since a window or
holds end. Infinity when they never do, minus infinity when they do already';
