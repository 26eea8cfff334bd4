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
    transaction_id uuid, captured numeric, remaining numeric, balance numeric, replayed boolean, late boolean, charge jsonb
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
    v_used numeric;
begin
    p_description := credits._clean_text(p_description);
    perform credits._check_movement(coalesce(p_amount, 1), coalesce(p_description, ''), p_idempotency_key, coalesce(p_metadata, '{}'));
    if p_idempotency_key is null then
        perform credits._refuse_invalid('idempotencyKey', 'must be given: it says which part of the hold is meant');
    end if;
    v_held := credits._lock_reservation(p_reservation_id);
    v_entry := credits._repeated(
        v_held.account_id, v_held.kind, p_idempotency_key, 'usage', -p_amount, coalesce(p_description, v_held.reason), v_held.app_id,
        coalesce(p_metadata, '{}'), case when v_held.kind = 'pool' then v_held.user_id end, p_reservation_id::text, p_items
    );
    v_replayed := v_entry.id is not null;
    if not v_replayed then
        v_priced := credits._priced(
            p_amount, p_items, p_expected_amount, v_held.created_at,
            p_told => case when p_items is not null then credits._charge_told(v_held) -> 'lines' end
        );
        perform credits._refuse_ended(v_held);
        perform credits._check_cap('capture', v_held.app_id, 0, p_caller);
        if v_priced.amount > v_held.amount then
            perform credits._refuse_more_than_held(v_priced.amount, v_held.amount);
        end if;
        if v_priced.amount > 0 then
            v_entry := credits._use_held(
                v_held, v_priced.amount, case when v_held.status = 'held' then v_priced.amount else 0 end,
                coalesce(p_description, v_held.reason), coalesce(p_metadata, '{}'), p_idempotency_key, v_priced.charge, null, p_request_id
            );
            update credits.reservations r
            set amount = r.amount - v_priced.amount, captured = r.captured + v_priced.amount
            where r.account_id = v_held.account_id and r.kind = v_held.kind and r.id = p_reservation_id;
        else
            v_entry := credits._last_entry(v_held.account_id, v_held.kind);
            v_entry.id := null;
            v_entry.amount := 0;
            v_entry.charge := v_priced.charge;
        end if;
    end if;
    -- As it was right after that entry, so a retry is answered like the first call.
    select coalesce(sum(-e.amount), 0) into v_used
    from credits.entries e
    where e.account_id = v_held.account_id
        and e.kind = v_held.kind
        and e.type = 'usage'
        and e.reference_id = p_reservation_id::text
        and e.sequence <= v_entry.sequence;
    return query select
        v_entry.id, -v_entry.amount, v_held.amount + v_held.captured - v_used, v_entry.available - v_entry.debt, v_replayed,
        -- Nothing of what was held went with it.
        v_entry.id is not null and exists (
            select from credits.entries e
            where e.account_id = v_held.account_id and e.kind = v_held.kind and e.sequence = v_entry.sequence - 1
                and e.reserved = v_entry.reserved
        ),
        v_entry.charge;
end
$$;

comment on function credits.capture_reservation is
'Makes a part of what is set aside a usage: p_amount, or the cost of p_items [{operation, quantity}] at the prices that
the hold was told; what it did not name, at those of its moment. The rest stays set aside until it is captured,
committed or released. Of a hold past its time the part is used from what is there at that moment (late = true). What
costs nothing writes nothing (transaction_id is null).
Errors: UC001 invalid_request, UC011 reservation_not_found, UC004 idempotency_key_reused, UC001 invalid_request
(malformed items), UC021 unknown_operation, UC022 price_changed, UC012 reservation_already_released, UC013
reservation_already_committed, UC014 reservation_expired (of somebody erased since), UC016 cap_exceeded, UC015
amount_exceeds_reservation, UC023 account_frozen, UC002 insufficient_credits, UC003 spending_limit_exceeded (these three
only of a hold past its time).
Idempotency: p_idempotency_key, which must be given, within the account; a retry returns the first result with replayed
= true, whatever has become of the hold.
Locks: the pool, or the user''s account.';
