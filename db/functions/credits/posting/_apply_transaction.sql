create or replace function credits._apply_transaction() returns trigger
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
    update credits.balances b
    set
        balance = b.balance + new.amount,
        total_earned = b.total_earned + case when new.amount > 0 and not new.reversal then new.amount else 0 end,
        total_spent = b.total_spent - case when new.amount < 0 or new.reversal then new.amount else 0 end,
        clawed_back = b.clawed_back - case when new.type = 'clawback' then new.amount else 0 end,
        version = b.version + 1,
        last_transaction_id = coalesce(new.id, credits._id_after(b.last_transaction_id, v_id)),
        updated_at = greatest(v_now, b.updated_at + interval '1 microsecond')
    where b.user_id = new.user_id
        and (new.sequence is null or new.sequence = b.version + 1)
        and (new.id <= b.last_transaction_id) is not true
    returning
        b.version, b.last_transaction_id, b.balance + b.reserved - new.amount, b.balance + b.reserved, b.reserved, b.total_spent,
        b.updated_at, b.updated_at, session_user, b.low_balance_at
    into
        new.sequence, new.id, new.balance_before, new.balance_after, new.reserved_after, new.total_spent_after,
        new.created_at, new.completed_at, new.called_by, v_low_balance_at;
    if not found then
        perform credits._refuse_row('its account');
    end if;
    -- `on conflict do nothing` would drop the row and leave the balance moved.
    if new.idempotency_key is not null then
        if exists (
            select from credits.transactions t where t.user_id = new.user_id and t.idempotency_key = new.idempotency_key
        ) then
            perform credits._refuse_row('its account');
        end if;
    end if;
    if new.type in ('purchase', 'grant') then
        if exists (
            select from credits.transactions t
            where t.user_id = new.user_id
                and t.type = new.type
                and t.type in ('purchase', 'grant')
                and t.reference_id = new.reference_id
        ) then
            perform credits._refuse_row('its account');
        end if;
    end if;
    if (
        new.amount <> 0 and new.amount < 1000000000000  -- also refuses NaN
        and (
            new.type in ('gift', 'clawback')
            or (new.amount > 0) = (new.type in ('purchase', 'refund', 'grant') or new.type = 'erasure' and new.reversal)
        )
        and (not new.reversal or new.type in ('refund', 'gift', 'clawback', 'erasure'))
        and (new.type in ('usage', 'refund', 'erasure') or new.reference_id is not null)
        and (new.type <> 'usage' or new.app_id is not null)
        -- Only what was clawed back may become a debt; a commit takes what was held.
        and (
            new.amount > 0 or new.type = 'clawback' or new.balance_after >= new.reserved_after
            or (new.type = 'usage' and new.reference_id is not null)
        )
        and (new.metadata = '{}' or jsonb_typeof(new.metadata) = 'object' and octet_length(new.metadata::text) <= 131072)
        and new.idempotency_key is distinct from ''
        and (new.id = v_id or credits._is_present_id(new.id, new.created_at))
        and (
            v_balance_after is null
            or (v_balance_before, v_balance_after, v_reserved_after, v_total_spent_after)
                = (new.balance_before, new.balance_after, new.reserved_after, new.total_spent_after)
        )
    ) is not true then
        perform credits._refuse_row('its account');
    end if;
    if new.sequence % 256 = 0 then
        perform credits._fold_usage(new.user_id, new.id);
    end if;
    if v_low_balance_at is not null or credits._balance_events_wanted() then
        perform credits._emit_balance(
            new.user_id, null, new.id, new.type::text, new.amount, new.balance_after, new.reserved_after, new.app_id, v_low_balance_at
        );
    end if;
    return new;
end
$$;

comment on function credits._apply_transaction() is
    'Trigger: applies a new ledger row to its balance, and fills in what follows from that: number, id, figures, times and caller. '
    'Refuses a row that is malformed, of no account, or whose given figures do not continue the chain (UC017). Locks the balance';
