create or replace function credits._post(
    p_account_id text,
    p_kind credits.account_kind,
    p_type credits.entry_type,
    p_amount numeric,
    p_held numeric default 0,
    p_description text default '',
    p_app_id text default null,
    p_idempotency_key text default null,
    p_metadata jsonb default '{}',
    p_other_id text default null,
    p_reference_id text default null,
    p_reversal boolean default false,
    p_ends_at timestamptz default null,
    p_due_after timestamptz default null,
    p_spending_day date default null,
    p_cause_id uuid default null,
    p_takes_lots boolean default true,
    p_is_use boolean default false,
    p_request_id text default null,
    p_caller text default null,
    p_charge jsonb default null,
    p_overdraft numeric default null
) returns credits.posted
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_alert numeric;
    v_limited boolean;
    v_frozen boolean;
    v_buried boolean;
    v_last record;
    v_now timestamptz;
    v_id uuid;
    v_running credits.running_figures;
    v_lot credits.lot_share;
begin
    select a.low_balance_at, a.limited and a.kind = 'person', a.frozen_at is not null, a.has_tombstones
    into v_alert, v_limited, v_frozen, v_buried
    from credits.accounts a
    where a.account_id = p_account_id and a.kind = p_kind and a.closed_at is null
    for no key update;
    if not found then
        perform credits._refuse_absent(p_account_id, p_kind, p_held - p_amount, p_is_use, p_app_id, p_caller);
    end if;
    -- In a statement of its own: what was committed while the lock was waited for is seen. What it computes costs less
    -- than in as many expressions of PL/pgSQL, each of which is prepared anew in every transaction.
    select
        e.sequence + 1 as sequence, e.number + 1 as number, e.id, e.created_at, e.due_after,
        e.available - e.debt - p_held + p_amount as available, e.reserved + p_held as reserved, 0::numeric as debt,
        e.clawed_back, e.total_spent - p_amount as total_spent, e.lot_id, e.lot_left,
        (select s.balance_events from credits.settings s) as balance_events,
        -- From another machine the owner asks, for whoever has called there.
        exists (
            select from credits.service_caps c
            where c.caller in (session_user, p_caller) or session_user = 'credits_owner'
        ) as capped
    into v_last
    from credits.entries e
    where e.account_id = p_account_id and e.kind = p_kind
    order by e.sequence desc
    limit 1;
    if not found then
        select
            1::bigint as sequence, 1::bigint as number, null::uuid as id, null::timestamptz as created_at,
            null::timestamptz as due_after, p_amount - p_held as available, p_held as reserved, 0::numeric as debt,
            0::numeric as clawed_back, -p_amount as total_spent, null::uuid as lot_id, null::numeric as lot_left,
            s.balance_events,
            exists (
                select from credits.service_caps c
                where c.caller in (session_user, p_caller) or session_user = 'credits_owner'
            ) as capped
        into v_last
        from credits.settings s;
    end if;
    v_now := credits._now();
    v_id := credits._new_id();
    if p_kind = 'pool' then
        v_running := credits._running_figures(
            p_account_id, p_other_id, v_now, p_spending_day, p_type, p_held - p_amount
        );
        p_spending_day := v_running.spending_day;
    end if;
    if v_last.available < 0 or v_last.capped or v_last.due_after is not null
        or not p_is_use or v_limited or v_frozen or v_buried or v_running.exceeded is not null
        or (v_last.created_at < v_now and v_last.id < v_id) is false
    then
        -- Not an ordinary debit: one thing after the other.
        if v_last.due_after <= v_now then
            if p_is_use and credits._settle(p_account_id, p_kind) then
                return credits._post(
                    p_account_id, p_kind, p_type, p_amount, p_held, p_description, p_app_id, p_idempotency_key,
                    p_metadata, p_other_id, p_is_use => true, p_request_id => p_request_id,
                    p_caller => p_caller, p_charge => p_charge
                );
            end if;
            v_last.due_after := credits._next_due(p_account_id, p_kind);
        end if;
        v_last.due_after := least(
            v_last.due_after, p_due_after, case when p_type in ('hold', 'grant') then p_ends_at end
        );
        if v_last.capped or v_limited or v_frozen or v_buried or p_ends_at is not null
            or v_last.available < 0 and p_amount < p_held or v_running.exceeded is not null
        then
            if p_is_use and exists (
                select from credits.entries e
                where e.account_id = p_account_id and e.kind = p_kind and e.idempotency_key = p_idempotency_key
            ) then
                return null;
            end if;
            if v_buried and p_is_use then
                perform credits._refuse_buried(p_account_id, p_kind, 'key', p_idempotency_key);
            end if;
            if v_last.capped and p_is_use then
                perform credits._check_cap(
                    case p_kind when 'pool' then 'use_guild' else 'use' end, p_app_id, -p_amount, p_caller
                );
            end if;
            if v_frozen and p_amount < p_held and p_type in ('usage', 'hold', 'gift', 'guild_funding') then
                perform credits._refuse_frozen(p_account_id, p_kind);
            end if;
            if v_last.available < -coalesce(p_overdraft, 0) and p_amount < p_held and p_type <> 'clawback' then
                perform credits._refuse_insufficient(
                    p_held - p_amount, v_last.available + p_held - p_amount, p_overdraft
                );
            end if;
            if v_running.exceeded is not null then
                perform credits._refuse_over_limit(v_running.exceeded, p_held - p_amount);
            end if;
            if v_limited and p_type in ('usage', 'hold', 'release') then
                p_spending_day := credits._count_spending(
                    p_account_id, p_app_id, v_now, p_spending_day, p_held - p_amount
                );
            end if;
        end if;
        if p_amount > 0 and v_last.available + v_last.reserved > 999999999999.999999 then
            perform credits._refuse_too_large(v_last.available + v_last.reserved - p_amount, p_amount);
        end if;
        if v_last.due_after is not null and p_kind = 'person' then
            if p_type = 'usage' and p_held = 0 then
                if v_last.lot_id is null then
                    v_lot := credits._front_lot(p_account_id, -p_amount);
                else
                    v_lot := row(v_last.lot_id, -p_amount, v_last.lot_left + p_amount);
                end if;
                -- Used up, the table of lots has to be gone through; not so where there is none.
                p_takes_lots := v_lot.remaining <= 0;
                if p_takes_lots then
                    v_lot := null;
                end if;
            end if;
            if v_last.lot_id is not null and v_lot.id is null then
                perform credits._note_lot(p_account_id, v_last.lot_id, v_last.lot_left);
            end if;
        end if;
        -- Ids grow with the sequence whatever the clock does. After a clock has gone back, times stand still until it
        -- has caught up, but for no more than an hour.
        if v_last.id >= v_id then
            v_id := credits._id_after(v_last.id, v_id);
        end if;
        if v_last.created_at between v_now and v_now + interval '1 hour' then
            v_now := v_last.created_at + interval '1 microsecond';
        end if;
        if p_amount = 0 then
            v_last.number := v_last.number - 1;
        elsif p_amount > 0 and not p_reversal then
            v_last.total_spent := v_last.total_spent + p_amount;
        end if;
        if p_type = 'clawback' then
            v_last.clawed_back := v_last.clawed_back - p_amount;
        elsif v_last.available < 0 and p_overdraft > 0 then
            v_last.clawed_back := v_last.clawed_back - least(greatest(v_last.available, p_amount - p_held), 0);
        end if;
        if v_last.available < 0 then
            v_last.debt := -v_last.available;
            v_last.available := 0;
        end if;
    end if;
    insert into credits.entries (
        account_id, kind, sequence, id, created_at, due_after, ends_at, number, type, reversal, spending_day,
        running_day, amount, available, reserved, debt, clawed_back, total_spent, spent_that_day, spent_that_week,
        spent_that_month, lot_id, lot_taken, lot_left, other_id, reference_id, app_id, description, metadata,
        idempotency_key, request_id, charge
    )
    values (
        p_account_id, p_kind, v_last.sequence, v_id, v_now, v_last.due_after, p_ends_at, v_last.number, p_type,
        p_reversal, p_spending_day, v_running.running_day, p_amount, v_last.available, v_last.reserved, v_last.debt,
        v_last.clawed_back, v_last.total_spent, v_running.spent_that_day, v_running.spent_that_week,
        v_running.spent_that_month, v_lot.id, v_lot.taken, v_lot.remaining, p_other_id, p_reference_id, p_app_id,
        p_description, p_metadata, p_idempotency_key, left(nullif(p_request_id, ''), 128), p_charge
    )
    on conflict do nothing;
    if not found or v_last.due_after is not null or v_last.balance_events or v_alert is not null
        or v_last.sequence % 256 = 0
    then
        if not found then
            if not exists (
                select from credits.entries e
                where e.account_id = p_account_id and e.kind = p_kind and e.idempotency_key = p_idempotency_key
            ) then
                perform credits._refuse_outdated();
            end if;
            return null;
        end if;
        if v_last.due_after is not null and p_amount < p_held and v_lot.id is null and p_takes_lots
            and p_kind = 'person'
        then
            perform credits._take_lots(p_account_id, coalesce(p_cause_id, v_id), p_held - p_amount, v_now);
        end if;
        if v_last.sequence % 256 = 0 and p_kind = 'person' then
            perform credits._fold_usage(p_account_id, v_last.sequence);
        end if;
        if (v_last.balance_events or v_alert is not null) and p_amount <> 0 then
            perform credits._emit_balance(p_account_id, p_kind, v_last.sequence, v_alert);
        end if;
    end if;
    return row(
        v_id, v_now, v_last.available, v_last.reserved, v_last.total_spent, v_last.sequence, v_last.debt,
        p_spending_day, p_ends_at
    )::credits.posted;
end
$$;

comment on function credits._post is
'Writes one entry: p_amount is the change of what the account owns, p_held that of what is held. All that moves one
account at a time goes through here; a batch through _post_batch.
With p_is_use it is a plain debit, of which nothing has been looked at yet. Holds and lots that are over by now are
ended first, and caps are checked. Of anything else the caller has locked the account with _lock_account, and looked at
the key and the caps.
p_spending_day is the day on which it counts for a member where that is not today. Before p_due_after nothing falls due
of what the caller gives back. Lots are taken in the name of p_cause_id where that is not the entry. p_charge is the
charge by items, p_overdraft how far below zero it may leave the account.
Returns all null when p_idempotency_key has an entry already, which only a caller with p_is_use need expect.
Errors: UC001 and UC005 where there is no account, UC016, UC023, UC002, UC003, UC008, 40001 where an older snapshot is
kept.
Locks: the account. Runs as the role that alone may insert entries.';
