create or replace function credits.commit_reservation(
    p_reservation_id uuid,
    p_amount numeric default null,
    p_description text default null,
    p_metadata jsonb default '{}'
) returns table (transaction_id uuid, committed numeric, released numeric, balance numeric, replayed boolean, late boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_amount numeric;
    v_replayed boolean;
    v_available numeric;
    v_now timestamptz;
begin
    p_description := credits._clean_text(p_description);
    perform credits._check_movement(coalesce(p_amount, 1), coalesce(p_description, ''), null, coalesce(p_metadata, '{}'));
    v_held := credits._lock_reservation(p_reservation_id);
    v_amount := coalesce(p_amount, v_held.amount);
    v_replayed := v_held.status = 'committed' and v_held.committed_amount = v_amount;

    if not v_replayed then
        perform credits._refuse_ended(v_held);
        -- The day's amount was counted when the credits were set aside.
        perform credits._check_cap('commit', v_held.app_id, 0);
        if v_amount > v_held.amount then
            raise exception using
                errcode = 'UC015',
                message = 'More than what is reserved cannot be committed',
                detail = json_build_object('requested', trim_scale(v_amount), 'reserved', trim_scale(v_held.amount))::text,
                hint = 'Commit at most what is reserved, and debit the rest by itself';
        end if;
        -- Past its time nothing is held for it any more; the work was done all the same.
        if v_held.status = 'expired' then
            v_available := credits._spendable(v_held);
            if v_available < v_amount then
                perform credits._refuse_insufficient(v_amount, v_available);
            end if;
        end if;
        v_now := credits._now();
        update credits.reservations
        set
            status = 'committed',
            committed_amount = v_amount,
            committed_late = v_held.status = 'expired',
            ended_at = coalesce(ended_at, v_now)
        where account_id = v_held.account_id and id = v_held.id
        returning * into v_held;
        v_held := credits._post_commit(v_held, coalesce(p_description, v_held.reason), coalesce(p_metadata, '{}'));
    end if;
    return query select
        v_held.transaction_id, v_held.committed_amount, v_held.amount - v_held.committed_amount,
        v_held.balance_after_end, v_replayed, v_held.committed_late;
end
$$;

comment on function credits.commit_reservation(uuid, numeric, text, jsonb) is
'Uses what was set aside, all of it or p_amount, and frees the rest: one ledger row of type usage. Of a hold past its time p_amount is used from what is there at that moment (late = true): dated credits that expire soonest first, and counted towards the member''s limits of today. If that is refused, the hold stays as it is and can be committed later.
Errors: UC001 invalid_request, UC011 reservation_not_found, UC012 reservation_already_released, UC013 reservation_already_committed (with another amount), UC014 reservation_expired (of somebody erased since), UC016 cap_exceeded, UC015 amount_exceeds_reserved, UC002 insufficient_credits, UC003 spending_limit_exceeded (both only of a hold past its time).
Idempotency: by the reservation and the amount; a retry returns the first result with replayed = true.
Locks: the pool or the user''s balance, then the reservation.';
