create or replace function credits._use_held(
    p_held credits.reservations,
    p_amount numeric,
    p_freed numeric,
    p_description text default '',
    p_metadata jsonb default '{}',
    p_idempotency_key text default null,
    p_charge jsonb default null,
    p_overdraft numeric default null,
    p_request_id text default null,
    p_moment timestamptz default null
) returns credits.posted
language plpgsql
as $$
declare
    v_is_pool constant boolean := p_held.kind = 'pool';
    v_member_id constant text := case when v_is_pool then p_held.user_id end;
    v_type constant credits.entry_type := case when p_amount > 0 then 'usage' else 'release' end;
    v_entry credits.posted;
    v_rest numeric;
    v_first_end timestamptz;
begin
    -- What is used of a hold counts on its day. What goes beyond it counts today: it is held first, by an entry of its
    -- own.
    if p_amount > p_freed and p_held.status = 'held' and p_held.spending_day < credits._limits_day() then
        perform credits._post(
            p_held.account_id, p_held.kind, 'hold', 0, p_amount - p_freed, p_held.reason, p_held.app_id,
            p_other_id => v_member_id, p_reference_id => p_held.id::text, p_spending_day => credits._limits_day(),
            p_cause_id => p_held.id, p_request_id => p_request_id, p_overdraft => p_overdraft
        );
        p_freed := p_amount;
    end if;
    v_rest := p_freed - p_amount;
    if v_rest > 0 and not v_is_pool then
        v_first_end := credits._first_end_of(p_held.account_id, p_held.id);
    end if;
    v_entry := credits._post(
        p_held.account_id, p_held.kind, v_type, -p_amount, -p_freed, p_description, p_held.app_id, p_idempotency_key,
        p_metadata, v_member_id, p_held.id::text, p_ends_at => p_moment,
        p_due_after => v_first_end, p_spending_day => case when p_held.status = 'held' then p_held.spending_day end,
        p_request_id => p_request_id, p_charge => p_charge, p_overdraft => p_overdraft
    );
    if p_amount > 0 and p_freed > 0 and not v_is_pool then
        perform credits._pass_lots(
            p_held.account_id, p_held.id, v_entry.id, least(p_amount, p_freed), v_entry.created_at
        );
    end if;
    if v_first_end is not null then
        perform credits._give_back_lots(p_held.account_id, p_held.id, v_rest, v_rest, v_entry.created_at);
    end if;
    return v_entry;
end
$$;

comment on function credits._use_held is
'Makes p_amount a usage while p_freed of a hold is no longer held; where nothing is used it is freed as of p_moment.
What goes beyond p_freed is taken from what is available; of a hold of an earlier day it counts today. What p_freed
leaves goes back. The caller has locked the account, and changes the reservation. Raises UC002, UC003';
