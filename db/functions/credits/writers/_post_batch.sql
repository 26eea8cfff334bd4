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
) returns setof credits.posted
language plpgsql security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
    v_ids constant uuid[] := array(
        select credits._new_id() as id from generate_series(1, cardinality(p_account_ids)) order by id
    );
    v_settings record;
    v_spent credits.spending[];
    v_posted credits.posted[];
    v_new record;
begin
    select s.balance_events, (v_now at time zone s.limits_time_zone)::date as today, exists (
        select from credits.service_caps c where c.caller in (session_user, p_caller)
    ) as capped,
    (select count(i.key) > count(distinct i.key) from unnest(p_idempotency_keys) as i (key)) as repeats_keys
    into v_settings
    from credits.settings s;
    if v_settings.capped then
        return;
    end if;
    -- Look-ups of an account have forms that cannot become joins. One plan must do for all arrays, and a join would
    -- read all the keys of a busy account. What is carried through sorts and windows is narrow; the rest is found in
    -- its array by the item.
    if p_kind = 'pool' then
        select array_agg(m.spent order by i.item) into v_spent
        from generate_series(1, cardinality(p_account_ids)) as i (item)
        left join credits._plain_members(p_account_ids, p_other_ids, p_amounts, v_settings.today) m on m.item = i.item;
    end if;
    with accounts as (
        select
            g.account_id, g.items, l.sequence, l.number, l.due_after, l.available, l.reserved, l.clawed_back,
            l.total_spent
        from (
            select i.account_id, array_agg(i.item) as items
            from unnest(p_account_ids) with ordinality as i (account_id, item)
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
        where l.created_at < v_now
            and l.id < v_ids[1]
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
        offset 0
    ),
    items as (
        select a.*, i.item, p_amounts[i.item] as amount, p_other_ids[i.item] as other_id
        from accounts a
        cross join lateral unnest(a.items) as i (item)
        where credits._is_use(
                p_amounts[i.item], p_app_ids[i.item], p_descriptions[i.item], p_idempotency_keys[i.item], '{}'
            )
            and (p_metadata[i.item] is null or credits._is_metadata(p_metadata[i.item]))
            and (p_kind = 'person' or (v_spent[i.item]).running_day is not null)
            -- Of items with one key the first, whoever's account they name.
            and (
                not v_settings.repeats_keys or p_idempotency_keys[i.item] is null
                or array_position(p_idempotency_keys, p_idempotency_keys[i.item]) = i.item
            )
            and (p_idempotency_keys[i.item] is null or (
                select k.sequence
                from credits.entries k
                where k.account_id = a.account_id and k.kind = p_kind and k.idempotency_key = p_idempotency_keys[i.item]
            ) is null)
    ),
    -- Amounts are above zero, so what an account cannot pay for any more is a tail of its items.
    judged as materialized (
        select
            i.item, i.account_id, i.other_id, i.amount, i.sequence, i.number, i.due_after, i.reserved, i.clawed_back,
            sum(i.amount) over member as of_member, row_number() over account as place,
            i.available - sum(i.amount) over account as available,
            i.total_spent + sum(i.amount) over account as total_spent
        from items i
        window
            account as (partition by i.account_id order by i.item),
            member as (partition by i.account_id, i.other_id order by i.item)
    ),
    written as (
        insert into credits.entries (
            account_id, kind, sequence, id, created_at, due_after, number, type, spending_day, running_day, amount,
            available, reserved, debt, clawed_back, total_spent, spent_that_day, spent_that_week, spent_that_month,
            other_id, app_id, description, metadata, idempotency_key, request_id, charge
        )
        select
            j.account_id, p_kind, j.sequence + j.place, v_ids[j.item], v_now + (j.place - 1) * interval '1 microsecond',
            j.due_after, j.number + j.place, 'usage', case p_kind when 'pool' then v_settings.today end,
            case p_kind when 'pool' then v_settings.today end, -j.amount, j.available, j.reserved, 0, j.clawed_back,
            j.total_spent, (v_spent[j.item]).today + j.of_member, (v_spent[j.item]).this_week + j.of_member,
            (v_spent[j.item]).this_month + j.of_member, j.other_id, p_app_ids[j.item],
            p_descriptions[j.item], coalesce(p_metadata[j.item], '{}'), p_idempotency_keys[j.item],
            left(nullif(p_request_ids[j.item], ''), 128), p_charges[j.item]
        from judged j
        where j.available >= 0
        order by j.account_id, j.place
    )
    select array_agg(row(
        j.item, v_ids[j.item], v_now + (j.place - 1) * interval '1 microsecond', j.available, j.reserved, j.total_spent,
        j.sequence + j.place, 0, null, null
    )::credits.posted)
    into v_posted
    from judged j
    where j.available >= 0;
    if v_settings.balance_events
        or p_kind = 'person' and exists (select from unnest(v_posted) p where p.sequence % 256 = 0)
    then
        for v_new in
            select p_account_ids[p.item] as account_id, p.sequence from unnest(v_posted) p order by account_id, sequence
        loop
            if v_settings.balance_events then
                perform credits._emit_balance(v_new.account_id, p_kind, v_new.sequence, null);
            end if;
            if p_kind = 'person' and v_new.sequence % 256 = 0 then
                perform credits._fold_usage(v_new.account_id, v_new.sequence);
            end if;
        end loop;
    end if;
    return query select p.* from unnest(v_posted) p;
exception when unique_violation then
    -- The account has moved on, or the key is known, since an older snapshot was taken.
    perform credits._refuse_outdated();
end
$$;

comment on function credits._post_batch is
'Writes the plain ones of many debits, each an entry. Plain is a new key, with enough credits for an item and those
before it. No lots, nothing over by now, no alert, no caps, nothing frozen. No limits either, but for a member''s that
leave all their items. Returns a row for each item that it wrote; the others are untouched. All of it in one statement,
which costs a third of as many calls of _post. The caller has locked the accounts.
Errors: 40001 where an older snapshot is kept.
Runs as the role that alone may insert entries.';
