create or replace function credits._use_held(
    p_held credits.reservations,
    p_amount numeric,
    p_freed numeric,
    p_description text,
    p_metadata jsonb,
    p_idempotency_key text,
    p_charge jsonb,
    p_overdraft numeric,
    p_request_id text
) returns credits.entries
language plpgsql
as $$
declare
    v_entry credits.entries;
begin
    -- What is used of a hold counts on the day of the hold, what goes beyond it today: it is held first, by an entry of its own.
    if p_amount > p_freed and p_held.status = 'held' and p_held.spending_day < credits._limits_day() then
        perform credits._post(
            p_held.account_id, p_held.kind, 'hold', 0, p_amount - p_freed, p_held.reason, p_held.app_id,
            p_other_id => case when p_held.kind = 'pool' then p_held.user_id end, p_reference_id => p_held.id::text,
            p_cause_id => p_held.id, p_request_id => p_request_id, p_overdraft => p_overdraft
        );
        p_freed := p_amount;
    end if;
    perform credits._post(
        p_held.account_id, p_held.kind, 'usage', -p_amount, -p_freed, p_description, p_held.app_id, p_idempotency_key, p_metadata,
        case when p_held.kind = 'pool' then p_held.user_id end, p_held.id::text,
        p_due_after => case when p_amount < p_freed then credits._first_end_of(p_held.account_id, p_held.id) end,
        p_spending_day => case when p_held.status = 'held' then p_held.spending_day end,
        p_request_id => p_request_id, p_charge => p_charge, p_overdraft => p_overdraft
    );
    v_entry := credits._last_entry(p_held.account_id, p_held.kind);
    if p_held.kind = 'person' then
        perform credits._pass_lots(p_held.account_id, p_held.id, v_entry.id, least(p_amount, p_freed), v_entry.created_at);
        if p_amount < p_freed then
            perform credits._give_back_lots(p_held.account_id, p_held.id, p_freed - p_amount, p_freed - p_amount, v_entry.created_at);
        end if;
    end if;
    return v_entry;
end
$$;

comment on function credits._use_held is
'Makes p_amount a usage while p_freed of a hold is no longer held. Use beyond that is taken from what is available, and
of a hold of an earlier day counts today. The unused rest goes back. The caller has locked the account, and changes the
reservation. Raises UC002, UC003';
