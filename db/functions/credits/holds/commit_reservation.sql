create or replace function credits.commit_reservation(
    p_reservation_id uuid,
    p_amount numeric default null,
    p_description text default null,
    p_metadata jsonb default '{}',
    p_items jsonb default null,
    p_expected_amount numeric default null,
    p_overrun text default 'refuse',
    p_request_id text default null,
    p_caller text default null
) returns table (
    transaction_id uuid, committed numeric, released numeric, balance numeric, replayed boolean, late boolean,
    uncollected numeric, charge jsonb
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_priced credits.priced;
    v_replayed boolean;
    v_late boolean;
    v_left numeric;
    v_amount numeric;
    v_entry credits.entries;
    v_used credits.posted;
begin
    p_description := credits._clean_text(p_description);
    p_metadata := coalesce(p_metadata, '{}');
    perform credits._check_movement(coalesce(p_amount, 1), coalesce(p_description, ''), null, p_metadata);
    p_overrun := coalesce(p_overrun, 'refuse');
    if p_overrun not in ('refuse', 'available', 'debt') then
        perform credits._refuse_invalid('overrun', 'must be refuse, available or debt');
    end if;
    v_held := credits._lock_reservation(p_reservation_id);
    if v_held.status = 'committed' then
        v_entry := credits._of_id(v_held.account_id, v_held.kind, v_held.transaction_id);
    end if;
    -- A retry is known by its items, whatever they cost by now.
    v_replayed := v_entry.id is not null and p_items is not null
        and credits._items_of(v_entry.charge -> 'lines') is not distinct from credits._items_of(p_items);
    if v_replayed then
        v_priced.charge := v_entry.charge - 'uncollected';
    else
        v_priced := credits._priced(
            case when p_items is null then coalesce(p_amount, v_held.amount) else p_amount end, p_items,
            p_expected_amount, v_held.created_at,
            p_told => case when p_items is not null then credits._charge_told(v_held) -> 'lines' end
        );
        -- All of a hold by items, of which nothing was captured, is charged as those items.
        if p_items is null and v_priced.amount = v_held.amount and v_held.captured = 0 then
            v_priced.charge := credits._charge_told(v_held);
        end if;
        v_replayed := v_held.status = 'committed' and v_held.committed_amount + v_held.uncollected = v_priced.amount
            and (
                v_entry.id is null
                or p_items is null and v_entry.charge - 'uncollected' is not distinct from v_priced.charge
            );
    end if;
    if not v_replayed then
        perform credits._refuse_ended(v_held);
        -- The hold was counted for the day when it was made; what goes beyond it is counted below.
        perform credits._check_cap('commit', v_held.app_id, 0, p_caller);
        if v_priced.amount > v_held.amount and p_overrun = 'refuse' then
            perform credits._refuse_more_than_held(v_priced.amount, v_held.amount);
        end if;
        -- Past its time nothing is held for it any more, neither credits nor lots nor its place in a day's limit. The
        -- work was done all the same.
        v_late := v_held.status = 'expired';
        v_left := case when v_late then 0 else v_held.amount end;
        v_amount := v_priced.amount;
        if p_overrun = 'available' then
            v_amount := credits._most_usable(v_held, v_amount, v_left);
        end if;
        if v_amount > v_held.amount then
            perform credits._check_cap('commit', v_held.app_id, v_amount - v_held.amount, p_caller);
        end if;
        if v_amount > 0 or not v_late then
            v_used := credits._use_held(
                v_held, v_amount, v_left, coalesce(p_description, v_held.reason), p_metadata, null,
                case
                    when v_amount = 0 then null
                    when v_amount = v_priced.amount then v_priced.charge
                    else v_priced.charge || jsonb_build_object('uncollected', v_priced.amount - v_amount)
                end,
                case when p_overrun = 'debt' then coalesce(
                    (select c.max_overrun from credits.service_caps c where c.caller = credits._caller(p_caller)), 0
                ) end,
                p_request_id, case when v_amount = 0 then credits._now() end
            );
        end if;
        update credits.reservations r
        set
            status = 'committed',
            committed_amount = v_amount,
            uncollected = v_priced.amount - v_amount,
            committed_late = v_late,
            ended_at = coalesce(r.ended_at, v_used.created_at),
            transaction_id = case when v_amount > 0 then v_used.id end,
            balance_after_end = v_used.available - v_used.debt
        where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id
        returning * into v_held;
        if v_amount < v_left or v_amount = 0 then
            -- What goes back to lots that are over leaves at once.
            perform credits._settle(v_held.account_id, v_held.kind);
            v_entry := credits._last_entry(v_held.account_id, v_held.kind);
            update credits.reservations r
            set balance_after_end = v_entry.available - v_entry.debt
            where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id
            returning * into v_held;
        end if;
    end if;
    return query select
        v_held.transaction_id, v_held.committed_amount,
        case when v_held.committed_late then 0 else greatest(v_held.amount - v_held.committed_amount, 0) end,
        v_held.balance_after_end, v_replayed, v_held.committed_late, v_held.uncollected, v_priced.charge;
end
$$;

comment on function credits.commit_reservation is
'Uses what is set aside, by one entry of type usage, and frees the rest (released). That is all of it, with the lines
by which it was set aside, or p_amount, or what p_items [{operation, quantity}] cost. Items have the prices that the
hold was told; what it did not name, those of its moment. What costs nothing writes nothing (transaction_id is null).
More than is set aside is refused, but for p_overrun. available: the hold and whatever else is there and within limits;
the rest is uncollected. debt: all of it, below zero by at most service_caps.max_overrun of the caller. The hold counts
towards the limits of its day, what goes beyond it towards those of today; a refund counts on the day of the hold.
Of a hold past its time p_amount is used from what is there at that moment (late = true), and nothing is released.
Credits that expire soonest go first; it counts towards the limits of today. If that is refused, the hold stays as it
is and can be committed later.
Errors: UC001 invalid_request, UC011 reservation_not_found, UC001 invalid_request (malformed items), UC021
unknown_operation, UC022 price_changed, UC012 reservation_already_released, UC013 reservation_already_committed (with
another amount), UC014 reservation_expired (of somebody erased since), UC016 cap_exceeded, UC015
amount_exceeds_reservation, UC023 account_frozen (only of a hold past its time), UC002 insufficient_credits, UC003
spending_limit_exceeded (both only past its time or beyond it).
Idempotency: by the reservation and the amount; a retry returns the first result with replayed = true.
Locks: the pool, or the user''s account.';
