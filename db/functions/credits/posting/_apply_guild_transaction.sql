create or replace function credits._apply_guild_transaction() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id uuid := credits._new_id();
    v_now timestamptz := credits._now();
    v_balance_before numeric := new.balance_before;
    v_balance_after numeric := new.balance_after;
    v_reserved_after numeric := new.reserved_after;
    v_total_spent_after numeric := new.total_spent_after;
    v_low_balance_at numeric;
begin
    update credits.guild_pools p
    set
        balance = p.balance + new.amount,
        total_funded = p.total_funded + case when new.amount > 0 and not new.reversal then new.amount else 0 end,
        total_spent = p.total_spent - case when new.amount < 0 or new.reversal then new.amount else 0 end,
        version = p.version + 1,
        last_transaction_id = coalesce(new.id, credits._id_after(p.last_transaction_id, v_id)),
        updated_at = greatest(v_now, p.updated_at + interval '1 microsecond')
    where p.organization_id = new.organization_id
        and (new.sequence is null or new.sequence = p.version + 1)
        and (new.id <= p.last_transaction_id) is not true
    returning
        p.version, p.last_transaction_id, p.balance + p.reserved - new.amount, p.balance + p.reserved, p.reserved, p.total_spent,
        p.updated_at, session_user, p.low_balance_at
    into
        new.sequence, new.id, new.balance_before, new.balance_after, new.reserved_after, new.total_spent_after,
        new.created_at, new.called_by, v_low_balance_at;
    if not found then
        perform credits._refuse_row('its pool');
    end if;
    -- `on conflict do nothing` would drop the row and leave the pool moved.
    if new.idempotency_key is not null then
        if exists (
            select from credits.guild_transactions t
            where t.organization_id = new.organization_id and t.idempotency_key = new.idempotency_key
        ) then
            perform credits._refuse_row('its pool');
        end if;
    end if;
    if (
        new.amount <> 0 and new.amount < 1000000000000  -- also refuses NaN
        and (new.amount < 0) = (new.type = 'usage')
        and new.reversal = (new.type = 'refund')
        and (new.type = 'funding') = (new.spending_day is null)
        and (new.type = 'usage' or new.reference_id is not null)
        and (new.type <> 'usage' or new.app_id is not null)
        and (new.metadata = '{}' or jsonb_typeof(new.metadata) = 'object' and octet_length(new.metadata::text) <= 131072)
        and new.idempotency_key is distinct from ''
        and (new.id = v_id or credits._is_present_id(new.id, new.created_at))
        and (
            v_balance_after is null
            or (v_balance_before, v_balance_after, v_reserved_after, v_total_spent_after)
                = (new.balance_before, new.balance_after, new.reserved_after, new.total_spent_after)
        )
    ) is not true then
        perform credits._refuse_row('its pool');
    end if;
    if new.spending_day is not null then
        perform credits._count_spending(
            new.organization_id, new.user_id, new.spending_day, -new.amount, new.type = 'usage' and new.reference_id is null
        );
    end if;
    if v_low_balance_at is not null or credits._balance_events_wanted() then
        perform credits._emit_balance(
            new.user_id, new.organization_id, new.id, new.type::text, new.amount, new.balance_after, new.reserved_after, new.app_id,
            v_low_balance_at
        );
    end if;
    return new;
end
$$;

comment on function credits._apply_guild_transaction() is
    'Trigger: applies a new ledger row to its pool and its member''s spending, and fills in what follows from that: number, id, figures, time and caller. '
    'Refuses a row that is malformed, of no pool, or whose given figures do not continue the chain (UC017), or that goes beyond a limit (UC003). Locks the pool';
