create or replace function credits._fold_reservation() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_held numeric := case
        when tg_op = 'INSERT' then new.amount
        when old.status = 'held' and new.status <> 'held' then -new.amount
        else 0
    end;
    v_now constant timestamptz := credits._now();
    v_new integer := case when tg_op = 'INSERT' then 1 else 0 end;
begin
    if v_held = 0 then
        return null;
    end if;
    if new.organization_id is null then
        update credits.balances
        set
            balance = balance - v_held,
            reserved = reserved + v_held,
            reservations_count = reservations_count + v_new,
            updated_at = greatest(v_now, updated_at + interval '1 microsecond')
        where user_id = new.account_id;
    else
        update credits.guild_pools
        set
            balance = balance - v_held,
            reserved = reserved + v_held,
            reservations_count = reservations_count + v_new,
            updated_at = greatest(v_now, updated_at + interval '1 microsecond')
        where organization_id = new.account_id;
        insert into credits.guild_member_spending (organization_id, user_id, day, spent)
        values (new.organization_id, new.user_id, new.spending_day, 0)
        on conflict (organization_id, user_id, day) do nothing;
        update credits.guild_member_spending
        set reserved = reserved + v_held
        where organization_id = new.organization_id and user_id = new.user_id and day = new.spending_day;
        if tg_op = 'INSERT' then
            perform credits._check_limits(new.organization_id, new.user_id, new.spending_day, new.amount);
        end if;
    end if;
    return null;
end
$$;

comment on function credits._fold_reservation() is
    'Trigger: sets credits aside when a reservation is made and frees them when it ends, in the balance or pool and in the member''s spending; refuses one that goes beyond a limit (UC003)';
