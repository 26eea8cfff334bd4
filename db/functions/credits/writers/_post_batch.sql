create or replace function credits._post_batch(
    p_kind credits.account_kind,
    p_account_ids text[],
    p_other_ids text[],
    p_amounts numeric[],
    p_app_ids text[],
    p_descriptions text[],
    p_idempotency_keys text[],
    p_metadata jsonb[],
    p_request_ids text[],
    p_caller text,
    p_charges jsonb[]
) returns credits.batched[]
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
    v_spent credits.spending[];
    v_members integer[];
    v_asked numeric[];
    v_account record;
    v_item integer;
    v_member integer;
    v_id uuid;
    v_balance_events boolean;
    v_new credits.batched;
    v_entries credits.batched[] := array_fill(null::credits.batched, array[cardinality(p_account_ids)]);
begin
    if p_kind = 'pool' then
        select m.members, m.spent
        into v_members, v_spent
        from credits._plain_members(p_account_ids, p_other_ids, p_amounts, v_now) m;
    end if;
    -- Look-ups of an account have forms that cannot become joins. One plan must do for all arrays, and a join would
    -- read all the keys of a busy account.
    for v_account in
        select
            g.items, l.id, l.sequence, l.number, l.due_after, l.available, l.reserved, l.clawed_back, l.total_spent,
            s.balance_events
        from (
            select i.account_id, array_agg(i.item order by i.item) as items
            from (
                -- Of items with one key the first.
                select k.account_id, k.key, min(k.item)::integer as item
                from unnest(p_account_ids, p_idempotency_keys) with ordinality as k (account_id, key, item)
                group by k.account_id, k.key, case when k.key is null then k.item end
            ) i
            where i.key is null or (
                select e.sequence
                from credits.entries e
                where e.account_id = i.account_id and e.kind = p_kind and e.idempotency_key = i.key
            ) is null
            group by i.account_id
        ) g
        cross join lateral (
            select
                e.sequence, e.number, e.id, e.created_at, e.due_after, e.available, e.reserved, e.clawed_back,
                e.total_spent
            from credits.entries e
            where e.account_id = g.account_id and e.kind = p_kind
            order by e.sequence desc
            limit 1
        ) l
        cross join credits.settings s
        where l.created_at < v_now
            and not exists (select from credits.service_caps c where c.caller in (session_user, p_caller))
            and (
                select
                    a.low_balance_at is null and not (a.limited and a.kind = 'person') and not a.has_tombstones
                    and a.frozen_at is null
                from credits.accounts a
                where a.account_id = g.account_id and a.kind = p_kind
            )
            -- A hold that is still to end makes nobody slow, a lot does.
            and (l.due_after is null or l.due_after > v_now and (p_kind = 'pool' or (
                select o.id from credits.lots o where o.account_id = g.account_id and o.remaining > 0 limit 1
            ) is null))
    loop
        v_balance_events := v_account.balance_events;
        v_new := row(
            null, v_account.id, v_now - interval '1 microsecond', v_account.sequence, v_account.number,
            v_account.due_after, v_account.available, v_account.reserved, v_account.clawed_back,
            v_account.total_spent, null, null
        )::credits.batched;
        foreach v_item in array v_account.items loop
            continue when credits._is_use(
                p_amounts[v_item], p_app_ids[v_item], p_descriptions[v_item], p_idempotency_keys[v_item], '{}'
            ) is not true;
            if p_metadata[v_item] <> '{}' then
                continue when not credits._is_metadata(p_metadata[v_item]);
            end if;
            v_member := v_members[v_item];
            continue when p_kind = 'pool' and v_member is null;
            -- A refusal says what there was at its turn, so what comes after it waits for it.
            exit when p_amounts[v_item] > v_new.available;
            if p_kind = 'pool' then
                v_asked[v_member] := coalesce(v_asked[v_member], 0) + p_amounts[v_item];
            end if;
            v_id := credits._new_id();
            if v_id <= v_new.id then
                v_id := credits._id_after(v_new.id, v_id);
            end if;
            v_new := row(
                v_item, v_id, v_new.created_at + interval '1 microsecond', v_new.sequence + 1,
                v_new.number + 1, v_new.due_after, v_new.available - p_amounts[v_item], v_new.reserved,
                v_new.clawed_back, v_new.total_spent + p_amounts[v_item], v_member, v_asked[v_member]
            )::credits.batched;
            v_entries[v_item] := v_new;
        end loop;
    end loop;
    insert into credits.entries (
        account_id, kind, sequence, id, created_at, due_after, number, type, spending_day, running_day, amount,
        available, reserved, debt, clawed_back, total_spent, spent_that_day, spent_that_week, spent_that_month,
        other_id, app_id, description, metadata, idempotency_key, request_id, charge
    )
    select
        p_account_ids[n.item], p_kind, n.sequence, n.id, n.created_at, n.due_after, n.number, 'usage',
        (v_spent[n.member]).running_day, (v_spent[n.member]).running_day, -p_amounts[n.item], n.available, n.reserved,
        0, n.clawed_back, n.total_spent, (v_spent[n.member]).today + n.of_member,
        (v_spent[n.member]).this_week + n.of_member, (v_spent[n.member]).this_month + n.of_member,
        p_other_ids[n.item], p_app_ids[n.item], p_descriptions[n.item], coalesce(p_metadata[n.item], '{}'),
        p_idempotency_keys[n.item], left(nullif(p_request_ids[n.item], ''), 128), p_charges[n.item]
    from unnest(v_entries) n
    where n.id is not null;
    foreach v_new in array v_entries loop
        if v_balance_events and v_new.id is not null then
            perform credits._emit_balance(p_account_ids[v_new.item], p_kind, v_new.sequence, null);
        end if;
        if v_new.sequence % 256 = 0 and p_kind = 'person' then
            perform credits._fold_usage(p_account_ids[v_new.item], v_new.sequence);
        end if;
    end loop;
    return v_entries;
exception when unique_violation then
    -- The account has moved on, or the key is known, since an older snapshot was taken.
    perform credits._refuse_outdated();
    return null;
end
$$;

comment on function credits._post_batch is
'Writes the plain ones of many debits, each an entry. Plain is a new key, with enough credits for an item and those
before it. No lots, nothing over by now, no alert, no caps, nothing frozen. No limits either, but for a member''s that
leave all their items. Returns what it wrote by item, and null for the others, which are untouched. Reads an account
once and writes with one statement, which costs less than a third of as many calls of _post. The caller has locked the
accounts.
Errors: 40001 where an older snapshot is kept.
Runs as the role that alone may insert entries.';
