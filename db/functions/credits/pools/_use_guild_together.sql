create or replace function credits._use_guild_together(
    p_organization_ids text[],
    p_user_ids text[],
    p_amounts numeric[],
    p_app_ids text[],
    p_descriptions text[],
    p_idempotency_keys text[],
    p_metadata jsonb[],
    p_request_ids text[]
) returns setof credits.guild_use_outcome
language plpgsql
rows 10
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_ids uuid[] := array(select credits._new_id() as id from generate_series(1, cardinality(p_user_ids)) order by id);
    v_now timestamptz := credits._now();
    v_request_id text := left(nullif(current_setting('credits.request_id', true), ''), 128);
    v_day date := credits._limits_day();
begin
    perform set_config('credits.posting', 'direct', true);
    -- What is carried through sorts and windows is narrow; the rest is looked up in its array by the item's number.
    return query
    with items as (
        select i.*
        from unnest(p_organization_ids, p_user_ids, p_amounts, p_idempotency_keys)
            with ordinality as i (organization_id, user_id, amount, idempotency_key, item)
    ),
    twins as (
        select from items i where i.idempotency_key is not null group by i.organization_id, i.idempotency_key having count(*) > 1
    ),
    -- Nothing, in nearly every batch: then nothing is sorted for it.
    later_twins as (
        select i.item
        from (
            select i.item, row_number() over (partition by i.organization_id, i.idempotency_key order by i.item) as place
            from items i
            where i.idempotency_key is not null and exists (select from twins)
        ) i
        where i.place > 1
    ),
    judged as (
        select
            i.item, i.organization_id, i.user_id, i.amount,
            p.reserved,
            greatest(v_now, p.updated_at + interval '1 microsecond') as at,
            p.balance - sum(i.amount) over pool as available_after,
            p.total_spent + sum(i.amount) over pool as total_spent_after,
            p.version + row_number() over pool as sequence
        from items i
        join credits.guild_pools p on p.organization_id = i.organization_id
        where (p.reserved = 0 or not credits._has_overdue_holds(p.organization_id))
            and p.low_balance_at is null
            and (p.last_transaction_id >= v_ids[1]) is not true
            and credits._is_id(i.user_id)
            and not credits._is_pseudonym(i.user_id)
            and credits._is_use(i.amount, p_app_ids[i.item], p_descriptions[i.item], i.idempotency_key, '{}')
            and (p_metadata[i.item] is null or credits._is_metadata(p_metadata[i.item]))
            and not exists (
                select from credits.guild_transactions o
                where o.organization_id = i.organization_id and o.idempotency_key = i.idempotency_key
            )
            and (p.reservations_count = 0 or not exists (
                select from credits.reservations r
                where r.account_id = i.organization_id and r.organization_id is not null and r.idempotency_key = i.idempotency_key
            ))
            and not exists (
                select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
            )
            and i.item not in (select l.item from later_twins l)
        window pool as (partition by i.organization_id order by i.item)
    ),
    over_limit as (
        select m.organization_id
        from (select j.organization_id, j.user_id, sum(j.amount) as amount from judged j group by j.organization_id, j.user_id) m
        join credits.guild_spending_limits l on l.organization_id = m.organization_id and l.user_id = m.user_id
        cross join lateral credits._member_spending(m.organization_id, m.user_id, v_day) used
        where l.daily_limit < used.today + m.amount or l.monthly_limit < used.this_month + m.amount
    ),
    posted as materialized (
        select j.*, v_ids[j.item] as id, 'usage'::credits.guild_transaction_type as type, false as replayed
        from judged j
        where j.available_after >= 0 and j.organization_id not in (select o.organization_id from over_limit o)
    ),
    moved as (
        update credits.guild_pools p
        set
            balance = p.balance - a.amount,
            total_spent = p.total_spent + a.amount,
            version = p.version + a.rows,
            last_transaction_id = v_ids[a.last_item],
            updated_at = a.at
        from (
            select o.organization_id, sum(o.amount) as amount, count(*) as rows, max(o.item) as last_item, max(o.at) as at
            from posted o
            group by o.organization_id
        ) a
        where p.organization_id = a.organization_id
    ),
    counted as (
        insert into credits.guild_member_spending as s (organization_id, user_id, day, spent)
        select p.organization_id, p.user_id, v_day, sum(p.amount)
        from posted p
        group by p.organization_id, p.user_id
        on conflict (organization_id, user_id, day) do update set spent = s.spent + excluded.spent
    ),
    ledger as (
        insert into credits.guild_transactions (
            organization_id, id, sequence, user_id, type, amount, balance_before, balance_after, reserved_after, total_spent_after,
            spending_day, app_id, description, metadata, idempotency_key, created_at, request_id
        )
        select
            p.organization_id, p.id, p.sequence, p.user_id, p.type, -p.amount,
            p.available_after + p.reserved + p.amount, p.available_after + p.reserved, p.reserved,
            p.total_spent_after, v_day, p_app_ids[p.item], p_descriptions[p.item], coalesce(p_metadata[p.item], '{}'),
            p_idempotency_keys[p.item], p.at, coalesce(left(nullif(p_request_ids[p.item], ''), 128), v_request_id)
        from posted p
    )
    select
        i.item::integer, null, null, null, null,
        p.id, p.organization_id, p.user_id, p.type, -p.amount, p.available_after + p.reserved + p.amount,
        p.available_after + p.reserved, p_app_ids[p.item], p_descriptions[p.item],
        case when p.id is not null then coalesce(p_metadata[p.item], '{}') end, p_idempotency_keys[p.item], p.at,
        p.available_after, p.available_after + p.reserved + p.total_spent_after, p.total_spent_after, p.reserved, p.replayed
    from unnest(v_ids) with ordinality as i (id, item)
    left join posted p on p.item = i.item
    order by i.item;
    perform set_config('credits.posting', '', true);
    if credits._balance_events_wanted() then
        perform credits._emit_balance(
            t.user_id, t.organization_id, t.id, t.type::text, t.amount, t.balance_after, t.reserved_after, t.app_id, null
        )
        from (
            select t.*
            from unnest(p_organization_ids, v_ids) as i (organization_id, id)
            join credits.guild_transactions t on t.organization_id = i.organization_id and t.id = i.id
            order by t.organization_id, t.sequence
        ) t;
    end if;
end
$$;

comment on function credits._use_guild_together(text[], text[], numeric[], text[], text[], text[], jsonb[], text[]) is
    'The part of use_guild_credits_batch that decides and writes all the simple debits at once: new keys, enough credits for an item and those before it, '
    'all of the pool''s members within their limits, no holds past their time, no caps. The other items come back with their number alone, untouched. The caller has locked the pools';
