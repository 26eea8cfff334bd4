create or replace function credits.commit_reservation(
    p_reservation_id uuid,
    p_amount numeric default null,
    p_description text default null,
    p_metadata jsonb default '{}',
    p_request_id text default null,
    p_caller text default null
) returns table (transaction_id uuid, committed numeric, released numeric, balance numeric, replayed boolean, late boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_amount numeric;
    v_late boolean;
    v_replayed boolean;
    v_entry credits.entries;
begin
    p_description := credits._clean_text(p_description);
    perform credits._check_movement(coalesce(p_amount, 1), coalesce(p_description, ''), null, coalesce(p_metadata, '{}'));
    v_held := credits._lock_reservation(p_reservation_id);
    v_amount := coalesce(trim_scale(p_amount), v_held.amount);
    v_replayed := v_held.status = 'committed' and v_held.committed_amount = v_amount;
    if not v_replayed then
        perform credits._refuse_ended(v_held);
        -- The day's amount was counted when the credits were set aside.
        perform credits._check_cap('commit', v_held.app_id, 0, p_caller);
        if v_amount > v_held.amount then
            raise exception using
                errcode = 'UC015',
                message = 'More than what is reserved cannot be committed',
                detail = json_build_object('requested', trim_scale(v_amount), 'reserved', trim_scale(v_held.amount))::text,
                hint = 'Commit at most what is reserved, and debit the rest by itself';
        end if;
        -- Past its time nothing is held for it any more, neither credits nor lots nor its place in a day's limit; the work was done all the same.
        v_late := v_held.status = 'expired';
        v_entry := credits._post(
            v_held.account_id, v_held.kind, 'usage', -v_amount, case when v_late then 0 else -v_held.amount end,
            coalesce(p_description, v_held.reason), v_held.app_id, p_metadata => coalesce(p_metadata, '{}'),
            p_other_id => case when v_held.kind = 'pool' then v_held.user_id end, p_reference_id => p_reservation_id::text,
            p_due_after => case
                when v_amount < v_held.amount and not v_late then credits._first_end_of(v_held.account_id, p_reservation_id)
            end,
            p_spending_day => case when not v_late then v_held.spending_day end, p_request_id => p_request_id
        );
        update credits.reservations r
        set
            status = 'committed',
            committed_amount = v_amount,
            committed_late = v_late,
            ended_at = coalesce(r.ended_at, v_entry.created_at),
            transaction_id = v_entry.id
        where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id;
        if v_held.kind = 'person' and v_amount < v_held.amount and not v_late then
            perform credits._give_back_lots(
                v_held.account_id, p_reservation_id, v_held.amount, 0, v_held.amount - v_amount, v_entry.created_at
            );
            perform credits._settle(v_held.account_id, 'person');
            v_entry := credits._last_entry(v_held.account_id, 'person');
        end if;
        update credits.reservations r
        set balance_after_end = v_entry.available - v_entry.debt
        where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id
        returning * into v_held;
    end if;
    return query select
        v_held.transaction_id, v_held.committed_amount, v_held.amount - v_held.committed_amount,
        v_held.balance_after_end, v_replayed, v_held.committed_late;
end
$$;

comment on function credits.commit_reservation(uuid, numeric, text, jsonb, text, text) is
'Uses what was set aside, all of it or p_amount, and frees the rest: one entry of type usage. Of a hold past its time p_amount is used from what is there at that moment (late = true): dated credits that expire soonest first, and counted towards the member''s limits of today. If that is refused, the hold stays as it is and can be committed later.
Errors: UC001 invalid_request, UC011 reservation_not_found, UC012 reservation_already_released, UC013 reservation_already_committed (with another amount), UC014 reservation_expired (of somebody erased since), UC016 cap_exceeded, UC015 amount_exceeds_reserved, UC002 insufficient_credits, UC003 spending_limit_exceeded (both only of a hold past its time).
Idempotency: by the reservation and the amount; a retry returns the first result with replayed = true.
Locks: the pool, or the user''s account.';
