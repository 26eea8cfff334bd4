create or replace function credits.release_reservation(p_reservation_id uuid)
returns table (released numeric, balance numeric, replayed boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_balance numeric;
    v_now timestamptz;
begin
    v_held := credits._lock_reservation(p_reservation_id);
    if v_held.status = 'committed' then
        perform credits._refuse_ended(v_held);
    end if;
    -- Also of a hold past its time the first answer is kept.
    if v_held.balance_after_end is not null then
        return query select v_held.amount, v_held.balance_after_end, true;
        return;
    end if;
    perform credits._check_cap('release', v_held.app_id, 0);
    if v_held.status = 'held' then
        v_now := credits._now();
        update credits.reservations
        set status = 'released', ended_at = v_now
        where account_id = v_held.account_id and id = v_held.id
        returning * into v_held;
        if v_held.organization_id is null then
            perform credits._give_back_dated(
                v_held.account_id, v_held.id, v_held.amount, 0, v_held.amount, v_held.ended_at
            );
            perform credits._expire_dated(v_held.account_id);
        end if;
    end if;
    if v_held.organization_id is null then
        select b.balance into v_balance from credits.balances b where b.user_id = v_held.account_id;
    else
        select p.balance into v_balance from credits.guild_pools p where p.organization_id = v_held.account_id;
    end if;
    update credits.reservations
    set balance_after_end = v_balance
    where account_id = v_held.account_id and id = v_held.id;
    return query select v_held.amount, v_balance, false;
end
$$;

comment on function credits.release_reservation(uuid) is
'Frees what was set aside. A hold past its time is free already; releasing it succeeds and changes nothing.
Errors: UC011 reservation_not_found, UC013 reservation_already_committed, UC016 cap_exceeded.
Idempotency: by the reservation; a retry returns the first result with replayed = true.
Locks: the pool or the user''s balance, then the reservation.';
