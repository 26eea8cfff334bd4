create or replace function credits.capture_reservation(
    p_reservation_id uuid,
    p_amount numeric default null,
    p_idempotency_key text default null,
    p_description text default null,
    p_metadata jsonb default '{}',
    p_items jsonb default null,
    p_expected_amount numeric default null,
    p_request_id text default null,
    p_caller text default null
) returns table (
    transaction_id uuid, captured numeric, remaining numeric, balance numeric, replayed boolean, late boolean,
    charge jsonb
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_held credits.reservations;
    v_priced credits.priced;
    v_entry credits.entries;
    v_replayed boolean;
    v_left numeric;
    v_late boolean;
begin
    p_description := credits._clean_text(p_description);
    p_metadata := coalesce(p_metadata, '{}');
    perform credits._check_movement(coalesce(p_amount, 1), coalesce(p_description, ''), p_idempotency_key, p_metadata);
    if p_idempotency_key is null then
        perform credits._refuse_invalid('idempotencyKey', 'must be given: it says which part of the hold is meant');
    end if;
    v_held := credits._lock_reservation(p_reservation_id);
    p_description := coalesce(p_description, v_held.reason);
    v_entry := credits._repeated(
        v_held.account_id, v_held.kind, p_idempotency_key, 'usage', -p_amount, p_description, v_held.app_id, p_metadata,
        case when v_held.kind = 'pool' then v_held.user_id end, p_reservation_id::text, p_items
    );
    v_replayed := v_entry.id is not null;
    if v_replayed then
        -- As it was right after that entry.
        select v_held.amount + v_held.captured + sum(e.amount) into v_left
        from credits.entries e
        where e.account_id = v_held.account_id
            and e.kind = v_held.kind
            and e.type = 'usage'
            and e.reference_id = p_reservation_id::text
            and e.sequence <= v_entry.sequence;
        -- Late, it took nothing of what was held.
        select e.reserved = v_entry.reserved into v_late
        from credits.entries e
        where e.account_id = v_held.account_id and e.kind = v_held.kind and e.sequence = v_entry.sequence - 1;
    else
        v_priced := credits._priced(
            p_amount, p_items, p_expected_amount, v_held.created_at,
            p_told => case when p_items is not null then credits._charge_told(v_held) -> 'lines' end
        );
        perform credits._refuse_ended(v_held);
        perform credits._check_cap('capture', v_held.app_id, 0, p_caller);
        if v_priced.amount > v_held.amount then
            perform credits._refuse_more_than_held(v_priced.amount, v_held.amount);
        end if;
        v_left := v_held.amount - v_priced.amount;
        v_late := v_held.status = 'expired' and v_priced.amount > 0;
        if v_priced.amount > 0 then
            perform credits._use_held(
                v_held, v_priced.amount, case when v_late then 0 else v_priced.amount end, p_description, p_metadata,
                p_idempotency_key, v_priced.charge, null, p_request_id
            );
            update credits.reservations r
            set amount = v_left, captured = r.captured + v_priced.amount
            where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id;
        end if;
        v_entry := credits._last_entry(v_held.account_id, v_held.kind);
        if v_priced.amount = 0 then
            v_entry.id := null;
            v_entry.amount := 0;
            v_entry.charge := v_priced.charge;
        end if;
    end if;
    return query select
        v_entry.id, -v_entry.amount, v_left, v_entry.available - v_entry.debt, v_replayed, v_late, v_entry.charge;
end
$$;

comment on function credits.capture_reservation is
'Uses a part of what is set aside: p_amount, or what p_items [{operation, quantity}] cost. Items have the prices that
the hold was told; what it did not name, those of its moment. The rest stays set aside until it is captured, committed
or released. Of a hold past its time the part comes from what is there at that moment (late = true). What costs nothing
writes nothing (transaction_id is null).
Errors: UC001 invalid_request, UC011 reservation_not_found, UC004 idempotency_key_reused, UC001 invalid_request
(malformed items), UC021 unknown_operation, UC022 price_changed, UC012 reservation_already_released, UC013
reservation_already_committed, UC014 reservation_expired (of somebody erased since), UC016 cap_exceeded, UC015
amount_exceeds_reservation, UC023 account_frozen, UC002 insufficient_credits, UC003 spending_limit_exceeded (these three
only of a hold past its time).
Idempotency: p_idempotency_key, which must be given, within the account; a retry returns the first result with replayed
= true, whatever has become of the hold.
Locks: the pool, or the user''s account.';
