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
    p_caller text
) returns setof credits.posted
language plpgsql security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
declare
    v_caller constant text := credits._caller(p_caller);
    v_now constant timestamptz := credits._now();
    v_settings record;
    v_posted credits.posted[];
    v_written integer;
    v_entry credits.entries;
begin
    select z.balance_events, (v_now at time zone z.limits_time_zone)::date as today, exists (
        select from credits.service_caps c where c.caller = v_caller
    ) as capped
    into v_settings
    from credits.settings z;
    if v_settings.capped then
        return;
    end if;
    -- What is carried through sorts and windows is narrow; the rest is looked up in its array by the item's number.
    with items as (
        select i.*
        from unnest(p_account_ids, p_other_ids, p_amounts, p_idempotency_keys)
            with ordinality as i (account_id, other_id, amount, idempotency_key, item)
    ),
    twins as (
        select from items i where i.idempotency_key is not null group by i.account_id, i.idempotency_key having count(*) > 1
    ),
    -- Nothing, in nearly every batch: then nothing is sorted for it.
    later_twins as (
        select i.item
        from (
            select i.item, row_number() over (partition by i.account_id, i.idempotency_key order by i.item) as place
            from items i
            where i.idempotency_key is not null and exists (select from twins)
        ) i
        where i.place > 1
    ),
    accounts as materialized (
        select
            a.account_id, a.sequence, a.number, a.due_after, a.available, a.reserved, a.clawed_back, a.total_spent,
            case
                when a.created_at >= v_now and a.created_at <= v_now + interval '1 hour' then a.created_at + interval '1 microsecond'
                else v_now
            end as at
        from (select i.account_id from items i group by i.account_id) g
        join credits.accounts s on s.account_id = g.account_id and s.kind = p_kind and s.low_balance_at is null
        cross join lateral (
            select *
            from credits.entries l
            where l.account_id = g.account_id and l.kind = p_kind
            order by l.sequence desc
            limit 1
        ) a
        -- A hold that is still to end makes nobody slow, a lot does.
        where a.due_after is null
            or (a.due_after > v_now and (p_kind = 'pool' or not exists (
                select from credits.lots o where o.account_id = g.account_id and o.remaining > 0
            )))
    ),
    members as materialized (
        select m.account_id, m.other_id, r.running_day, r.spent_that_day, r.spent_that_month
        from (select i.account_id, i.other_id from items i where p_kind = 'pool' group by i.account_id, i.other_id) m
        cross join lateral (
            select
                greatest(e.running_day, v_settings.today) as running_day,
                case when e.running_day >= v_settings.today then e.spent_that_day else 0 end as spent_that_day,
                case
                    when credits._month(e.running_day) >= credits._month(v_settings.today) then e.spent_that_month else 0
                end as spent_that_month
            from credits.entries e
            where e.account_id = m.account_id and e.kind = 'pool' and e.other_id = m.other_id
            order by e.sequence desc
            limit 1
        ) r
        -- Whoever has limits, or whose day went back, is decided by a call of its own.
        where r.running_day = v_settings.today and not exists (
            select from credits.guild_spending_limits l where l.organization_id = m.account_id and l.user_id = m.other_id
        )
    ),
    judged as (
        select
            i.item, i.account_id, i.amount, a.sequence, a.number, a.due_after, a.reserved, a.clawed_back, a.at,
            m.running_day, m.spent_that_day, m.spent_that_month, i.other_id,
            a.available - sum(i.amount) over account as available,
            a.total_spent + sum(i.amount) over account as total_spent
        from items i
        join accounts a on a.account_id = i.account_id
        left join members m on m.account_id = i.account_id and m.other_id = i.other_id
        where credits._is_use(i.amount, p_app_ids[i.item], p_descriptions[i.item], i.idempotency_key, '{}')
            and (p_metadata[i.item] is null or credits._is_metadata(p_metadata[i.item]))
            and (p_kind = 'person' or m.running_day is not null and not credits._is_pseudonym(i.other_id))
            and not exists (
                select from credits.entries k
                where k.account_id = i.account_id and k.kind = p_kind and k.idempotency_key = i.idempotency_key
            )
            and i.item not in (select t.item from later_twins t)
        window account as (partition by i.account_id order by i.item)
    ),
    numbered as materialized (
        select
            j.*,
            row_number() over account as place,
            j.at + (row_number() over account - 1) * interval '1 microsecond' as created_at,
            sum(j.amount) over member as spent_now
        from judged j
        where j.available >= 0
        window account as (partition by j.account_id order by j.item), member as (partition by j.account_id, j.other_id order by j.item)
    ),
    written as (
        insert into credits.entries as e (
            account_id, kind, sequence, id, created_at, due_after, number, type, spending_day, running_day, amount, available,
            reserved, debt, clawed_back, total_spent, spent_that_day, spent_that_month, other_id, app_id, description, metadata,
            idempotency_key, request_id
        )
        select
            n.account_id, p_kind, n.sequence + n.place, credits._new_id(), n.created_at, n.due_after, n.number + n.place,
            'usage', n.running_day, n.running_day, -n.amount, n.available, n.reserved, 0, n.clawed_back, n.total_spent,
            n.spent_that_day + n.spent_now, n.spent_that_month + n.spent_now, n.other_id, p_app_ids[n.item],
            p_descriptions[n.item], coalesce(p_metadata[n.item], '{}'), p_idempotency_keys[n.item],
            left(nullif(p_request_ids[n.item], ''), 128)
        from numbered n
        order by n.account_id, n.place
        on conflict do nothing
        returning e.account_id, e.sequence, e.id, e.created_at, e.available, e.reserved, e.total_spent
    )
    select
        array_agg(row(n.item, w.id, w.created_at, w.available, w.reserved, w.total_spent, w.sequence)::credits.posted),
        count(w.id)
    into v_posted, v_written
    from numbered n
    left join written w on w.account_id = n.account_id and w.sequence = n.sequence + n.place;
    if v_written < cardinality(v_posted) then
        perform credits._refuse_outdated();
    end if;
    if v_settings.balance_events or (p_kind = 'person' and exists (select from unnest(v_posted) p where p.sequence % 256 = 0)) then
        for v_entry in
            select e.*
            from unnest(v_posted) p
            join credits.entries e on e.account_id = p_account_ids[p.item] and e.kind = p_kind and e.sequence = p.sequence
            order by e.account_id, e.sequence
        loop
            if v_settings.balance_events then
                perform credits._emit_balance(v_entry, null);
            end if;
            if p_kind = 'person' and v_entry.sequence % 256 = 0 then
                perform credits._fold_usage(v_entry.account_id, v_entry.sequence);
            end if;
        end loop;
    end if;
    return query select p.* from unnest(v_posted) p;
end
$$;

comment on function credits._post_batch(
    credits.account_kind, text[], text[], numeric[], text[], text[], text[], jsonb[], text[], text
) is
'Writes the plain ones of many debits, each an entry: a new key, enough credits for an item and those before it, no lots and nothing over by now, no alert, no caps, no limits of the member. '
'Returns a row for each item that it wrote; the others are untouched. All of it in one statement, which costs a third of as many calls of _post. The caller has locked the accounts.
Errors: 40001 where an older snapshot is kept.
Runs as the role that alone may insert entries.';
